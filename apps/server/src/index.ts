export { MODULES, moduleConfiguration } from './assembly.ts';
export { installationSigner, systemClock, systemHash, systemRandom } from './capabilities.ts';
export { CONFIGURATION_FILE, type ConfigurationOptions, readConfiguration, refuseInvalid } from './configuration.ts';
export { type RunningServer, type ServerOptions, startServer } from './server.ts';
export { VERSION } from './version.ts';
