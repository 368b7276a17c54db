export { asyncApi } from './asyncapi.ts';
export { GATEWAY_ERRORS } from './errors.ts';
export { type Gateway, type GatewayNeeds, type GatewayOptions, openGateway } from './gateway.ts';
export { gateway } from './module.ts';
export { openApi } from './openapi.ts';
export type { FieldError, Problem } from './problem.ts';
