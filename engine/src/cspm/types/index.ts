export { checkTypes, type TypeReport } from './check-types.ts';
export { TYPE_CODES, type TypeCode } from './codes.ts';
