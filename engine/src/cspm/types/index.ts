export { checkTypes, type TypeOptions, type TypeReport } from './check-types.ts';
export { TYPE_CODES, type TypeCode } from './codes.ts';
