/**
 * Modules of others import `enhanced-csp/module` wherever they lie. They get the one that runs: no installation beside them is needed, and there is
 * one `Fault`, not two.
 */
import { registerHooks } from 'node:module';

const DOORS: Readonly<Record<string, URL>> = {
  'enhanced-csp': new URL('./index.ts', import.meta.url),
  'enhanced-csp/module': new URL('./module.ts', import.meta.url),
  'enhanced-csp/test-kit': new URL('./test-kit.ts', import.meta.url),
};

export function openDoors(): void {
  registerHooks({
    resolve(specifier, context, next) {
      const door = Object.hasOwn(DOORS, specifier) ? DOORS[specifier] : undefined;
      return door === undefined ? next(specifier, context) : { url: door.href, shortCircuit: true };
    },
  });
}
