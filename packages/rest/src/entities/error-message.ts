/** Body of every failed call. Source: Kafka Connect `ErrorMessage`. */
export interface ErrorMessage {
  error_code: number;
  message: string;
}
