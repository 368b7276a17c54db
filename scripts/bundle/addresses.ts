/**
 * `new URL('./file', import.meta.url)` in a bundle: the file is put beside the chunks, and the address leads to it. TypeScript files become
 * entries of their own (the checking process), all others are copied.
 */
import { readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { Plugin } from 'rolldown';

const ADDRESS = /new URL\(\s*'(\.[^']+)',\s*import\.meta\.url,?\s*\)/g;

export function addresses(): Plugin {
  return {
    name: 'addresses',
    transform: {
      filter: { id: /(?<!\.d)\.ts$/, code: /new URL\(\s*'\./ },
      handler(code, id) {
        if (id.includes('node_modules')) return undefined;
        const replaced = code.replace(ADDRESS, (_, path: string) => {
          const file = join(dirname(id), path);
          const name = basename(file);
          const reference = file.endsWith('.ts')
            ? this.emitFile({ type: 'chunk', id: file, name: name.replace(/\.ts$/, '') })
            : this.emitFile({ type: 'asset', name, source: readFileSync(file), originalFileName: file });
          return `new URL(import.meta.ROLLUP_FILE_URL_${reference})`;
        });
        // Every line stays where it was, and that is what stack traces ask the map for.
        return { code: replaced, map: null };
      },
    },
  };
}
