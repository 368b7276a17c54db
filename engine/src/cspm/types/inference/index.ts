export { inferTypes } from './units.ts';
