/** Source: Kafka Connect `LoggerLevel`. */
export interface LoggerLevel {
  level: string;
  /** Epoch ms of the last change through REST; null when there was none. */
  last_modified: number | null;
}
