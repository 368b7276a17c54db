/** The notices of what the bundle contains from elsewhere, as their licenses ask. */
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** @throws Error for a package without a license text or name. */
export function thirdPartyLicenses(packages: readonly string[], root: string): string {
  return packages
    .map((name) => {
      const folder = join(root, 'node_modules', name);
      const { version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
      const [file] = globSync('{LICENSE,LICENCE,license,License}*', { cwd: folder });
      if (license === undefined && file === undefined) throw new Error(`${name} says nothing of its license`);
      const text = file === undefined ? `License: ${license}` : readFileSync(join(folder, file), 'utf8').trim();
      return `${name} ${version} (${license})\n\n${text}\n`;
    })
    .join(`\n${'-'.repeat(80)}\n\n`);
}
