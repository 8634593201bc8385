/** The part of a logger that the broker uses; pino's fits. */
export interface BrokerLogger {
  error(message: string): void;
  warn(message: string): void;
  info(message: string): void;
  debug(message: string): void;
}

export const silentLogger: BrokerLogger = {
  error() {},
  warn() {},
  info() {},
  debug() {},
};
