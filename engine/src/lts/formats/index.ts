export { switching } from './switching.ts';
