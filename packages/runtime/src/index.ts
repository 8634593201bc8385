export { parseProperties } from './config/properties.ts';
export * from './herder/errors.ts';
export * from './herder/herder.ts';
export * from './herder/validation-result.ts';
export { type LoggerLevelInfo, LogLevels } from './log-levels.ts';
export { isLogLevel, type Logger, type LogLevel } from './logger.ts';
export { createLogger } from './logging.ts';
export {
  type ConfigProviders,
  createConfigProvider,
  resolveConfig,
} from './plugins/config-provider.ts';
export { type ConfigResolver, prepareWorkerConfig } from './plugins/config-resolver.ts';
export { createLink } from './stages/transformation-chain.ts';
export { type ByteEntry, decodeHashMap, encodeHashMap } from './storage/java-hash-map.ts';
export {
  type StandaloneWorker,
  type StandaloneWorkerOptions,
  startStandaloneWorker,
} from './worker/standalone-worker.ts';
