export { CACHE_ERRORS } from './errors.ts';
export { cache } from './module.ts';
export { type OpenCacheOptions, type OpenedCache, openCache } from './open-cache.ts';
