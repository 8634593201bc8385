export type { LoggerLevel } from './entities/logger-level.ts';
export type { Loggers } from './routes/loggers.ts';
export { bindRestServer, type RestServer, type RestServerOptions } from './server.ts';
