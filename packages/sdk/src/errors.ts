/**
 * Errors by what the runtime does about them. `code` identifies the case, `javaName` is the class under which the
 * error appears in status traces and REST messages, so that tools written for Kafka Connect recognise it.
 * Test the kind with `RetriableError.is(error)`, never with `instanceof`: a plugin may carry its own copy of this package.
 * Source: Kafka Connect `org.apache.kafka.connect.errors`.
 */

const kinds = Symbol.for('tributary.error.kinds');

type ErrorOptions = { cause?: unknown; code?: string };

/** The task or call fails with this trace. */
export class ConnectError extends Error {
  static readonly kind: string = 'ConnectError';
  static readonly javaName: string = 'org.apache.kafka.connect.errors.ConnectException';
  readonly code: string;
  readonly javaName: string;

  constructor(message: string, options: ErrorOptions = {}) {
    super(message, options.cause === undefined ? {} : { cause: options.cause });
    this.name = new.target.kind;
    this.code = options.code ?? defaultCode(new.target.kind);
    this.javaName = new.target.javaName;
    Object.defineProperty(this, kinds, { value: kindsOf(new.target) });
  }

  /** True for an error of this class or a subclass of it, also one from another copy of this package. */
  static is(error: unknown): error is ConnectError {
    return hasKind(error, this.kind);
  }
}

/** The same call is made again after a back-off. */
export class RetriableError extends ConnectError {
  static override readonly kind: string = 'RetriableError';
  static override readonly javaName: string = 'org.apache.kafka.connect.errors.RetriableException';
}

/** This record is bad: `errors.tolerance` decides. */
export class DataError extends ConnectError {
  static override readonly kind: string = 'DataError';
  static override readonly javaName: string = 'org.apache.kafka.connect.errors.DataException';
}

/** A schema was built against the rules. */
export class SchemaBuilderError extends DataError {
  static override readonly kind: string = 'SchemaBuilderError';
  static override readonly javaName: string =
    'org.apache.kafka.connect.errors.SchemaBuilderException';
}

/** Reported per key by validation; 400 over REST. Text: `Invalid value <value> for configuration <key>: <reason>`. */
export class ConfigError extends ConnectError {
  static override readonly kind: string = 'ConfigError';
  static override readonly javaName: string = 'org.apache.kafka.common.config.ConfigException';
  readonly key: string | undefined;
  readonly value: unknown;

  /** One argument: the whole message. Three: key, value as found, reason. */
  constructor(message: string, options?: ErrorOptions);
  constructor(key: string, value: unknown, reason: string, options?: ErrorOptions);
  constructor(first: string, second?: unknown, reason?: string, options?: ErrorOptions) {
    if (typeof reason === 'string') {
      super(`Invalid value ${valueText(second)} for configuration ${first}: ${reason}`, options);
      this.key = first;
      this.value = second;
    } else {
      super(first, second as ErrorOptions | undefined);
      this.key = undefined;
      this.value = undefined;
    }
  }
}

/** 404 over REST. */
export class NotFoundError extends ConnectError {
  static override readonly kind: string = 'NotFoundError';
  static override readonly javaName: string = 'org.apache.kafka.connect.errors.NotFoundException';
}

/** 409 over REST. */
export class AlreadyExistsError extends ConnectError {
  static override readonly kind: string = 'AlreadyExistsError';
  static override readonly javaName: string =
    'org.apache.kafka.connect.errors.AlreadyExistsException';
}

/** A call that the runtime or the plugin must not make now: a mistake in code, not in data. */
export class IllegalWorkerStateError extends ConnectError {
  static override readonly kind: string = 'IllegalWorkerStateError';
  static override readonly javaName: string =
    'org.apache.kafka.connect.errors.IllegalWorkerStateException';
}

/** Lists print as Java's do. */
function valueText(value: unknown): string {
  return Array.isArray(value) ? `[${value.join(', ')}]` : String(value);
}

function kindsOf(type: typeof ConnectError): readonly string[] {
  const names: string[] = [];
  for (let current = type; current?.kind !== undefined; current = Object.getPrototypeOf(current)) {
    names.push(current.kind);
  }
  return names;
}

function hasKind(error: unknown, kind: string): boolean {
  if (typeof error !== 'object' || error === null) return false;
  const names = (error as { [kinds]?: readonly string[] })[kinds];
  return names?.includes(kind) ?? false;
}

/** `RetriableError` -> `TRB_RETRIABLE`. */
function defaultCode(kind: string): string {
  const words = kind.replace(/Error$/, '').replace(/(?<=[a-z])(?=[A-Z])/g, '_');
  return `TRB_${words.toUpperCase()}`;
}
