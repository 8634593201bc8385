/**
 * An error as Java prints it: `<class>: <message>`, frames, `Caused by: ...`. Anything may have been thrown. (no I/O)
 * Tools that watch status traces look at class names and messages; the frames are those of JavaScript.
 */
export function formatTrace(error: unknown): string {
  const lines: string[] = [];
  const seen = new Set<unknown>();
  for (let current = error; current !== undefined && current !== null; current = causeOf(current)) {
    if (seen.has(current)) break;
    const prefix = seen.size === 0 ? '' : 'Caused by: ';
    seen.add(current);
    const { trace } = current as { trace?: unknown };
    if (typeof trace === 'string') return [...lines, `${prefix}${trace}`].join('\n');
    lines.push(`${prefix}${headline(current)}`, ...framesOf(current));
  }
  return lines.length === 0 ? 'java.lang.RuntimeException' : lines.join('\n');
}

/** The class under which Java tools know the error. */
export function javaNameOf(error: unknown): string {
  const facts = (error ?? {}) as { javaName?: unknown; errorName?: unknown; code?: unknown };
  if (typeof facts.javaName === 'string') return facts.javaName;
  if (!(error instanceof Error)) return 'java.lang.RuntimeException';
  if (error.name === 'KafkaError') return kafkaName(String(facts.errorName));
  if (error instanceof TypeError) return typeErrorName(error.message);
  if (error instanceof RangeError) return rangeErrorName(error.message);
  if (error instanceof SyntaxError) return 'java.lang.IllegalArgumentException';
  if (error.name === 'AbortError') return 'java.lang.InterruptedException';
  if (facts.code === 'ENOENT') return 'java.nio.file.NoSuchFileException';
  if (typeof facts.code === 'string' && 'syscall' in error) return 'java.io.IOException';
  return error.name === 'Error' ? 'java.lang.RuntimeException' : error.name;
}

function headline(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return message === '' ? javaNameOf(error) : `${javaNameOf(error)}: ${message}`;
}

function framesOf(error: unknown): string[] {
  const stack = error instanceof Error ? (error.stack ?? '') : '';
  return stack
    .split('\n')
    .filter((line) => /^\s+at /.test(line))
    .map((line) => `\t${line.trim()}`);
}

function causeOf(error: unknown): unknown {
  return error instanceof Error ? error.cause : undefined;
}

function typeErrorName(message: string): string {
  return /\b(null|undefined)\b/.test(message)
    ? 'java.lang.NullPointerException'
    : 'java.lang.ClassCastException';
}

function rangeErrorName(message: string): string {
  return /call stack/.test(message)
    ? 'java.lang.StackOverflowError'
    : 'java.lang.IndexOutOfBoundsException';
}

/** Kafka's error names follow its classes, but for these. */
const kafkaNames: Readonly<Record<string, string>> = {
  MESSAGE_TOO_LARGE: 'org.apache.kafka.common.errors.RecordTooLargeException',
  RECORD_LIST_TOO_LARGE: 'org.apache.kafka.common.errors.RecordBatchTooLargeException',
  CORRUPT_MESSAGE: 'org.apache.kafka.common.errors.CorruptRecordException',
  INVALID_TOPIC_EXCEPTION: 'org.apache.kafka.common.errors.InvalidTopicException',
  REQUEST_TIMED_OUT: 'org.apache.kafka.common.errors.TimeoutException',
  OUT_OF_ORDER_SEQUENCE_NUMBER: 'org.apache.kafka.common.errors.OutOfOrderSequenceException',
  SASL_AUTHENTICATION_FAILED: 'org.apache.kafka.common.errors.SaslAuthenticationException',
  UNKNOWN_SERVER_ERROR: 'org.apache.kafka.common.errors.UnknownServerException',
  NOT_LEADER_OR_FOLLOWER: 'org.apache.kafka.common.errors.NotLeaderOrFollowerException',
  INVALID_RECORD: 'org.apache.kafka.common.InvalidRecordException',
  NETWORK: 'org.apache.kafka.common.errors.DisconnectException',
  CLOSED: 'org.apache.kafka.common.KafkaException',
};

function kafkaName(errorName: string): string {
  const known = kafkaNames[errorName];
  if (known !== undefined) return known;
  const words = errorName.toLowerCase().split('_');
  const camel = words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join('');
  return `org.apache.kafka.common.errors.${camel}Exception`;
}
