/** A refusal that REST shows with its own status, as Kafka Connect's `ConnectRestException`. */
export class HerderError extends Error {
  override readonly name: string = 'HerderError';
  /** HTTP's number, here only a kind: 400 bad request, 404 not found, 409 conflict, 500 failed. */
  readonly status: 400 | 403 | 404 | 409 | 500;
  /** The Java class that carries such a message, for `/validate`, which prints it. */
  readonly javaName: string;

  constructor(
    status: HerderError['status'],
    message: string,
    options: { cause?: unknown; javaName?: string } = {},
  ) {
    super(message, options.cause === undefined ? {} : { cause: options.cause });
    this.status = status;
    this.javaName =
      options.javaName ??
      (status === 400
        ? 'org.apache.kafka.connect.runtime.rest.errors.BadRequestException'
        : 'org.apache.kafka.connect.errors.ConnectException');
  }
}
