/** The version of the product: that of this package, all packages of the workspace have the same. */
import manifest from '../package.json' with { type: 'json' };

export const VERSION: string = manifest.version;
