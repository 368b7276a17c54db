export { type ConfigurationKey, configurationKeys, keyNamed } from './keys.ts';
export {
  type ConfigurationDiagnostic,
  type ConfigurationSources,
  type Explanation,
  type InvalidConfiguration,
  type LoadedConfiguration,
  loadConfiguration,
  type Origin,
} from './load.ts';
export { Configuration } from './schema.ts';
