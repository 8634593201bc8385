import { errorByCode } from '@tributary/wire';
import { KafkaError } from './types.ts';

/** Number of errors that the client itself finds. */
const clientErrorCode = -1000;

/** What the client itself finds. NETWORK and TIMEOUT may go away by themselves. */
export type ClientErrorName =
  | 'NETWORK'
  | 'TIMEOUT'
  | 'CLOSED'
  | 'INVALID_CONFIG'
  | 'INVALID_RECORD'
  | 'INVALID_STATE'
  | 'NO_OFFSET'
  | 'LOG_TRUNCATION'
  | 'TRANSACTION_ABORTED'
  | 'SASL_AUTHENTICATION_FAILED'
  | 'SSL_AUTHENTICATION_FAILED'
  | 'CORRUPT_RESPONSE'
  | 'UNSUPPORTED_VERSION';

export function clientError(name: ClientErrorName, message: string, cause?: unknown): KafkaError {
  return new KafkaError(message, {
    errorName: name,
    errorCode: clientErrorCode,
    isRetriable: name === 'NETWORK' || name === 'TIMEOUT',
    cause,
  });
}

/** `what`: what was asked of whom, for the message. */
export function brokerError(code: number, what: string, detail?: string | null): KafkaError {
  const { name, isRetriable, description } = errorByCode(code);
  return new KafkaError(`${what}: ${name} (${detail ?? description})`, {
    errorName: name,
    errorCode: code,
    isRetriable,
  });
}

export function isKafkaError(error: unknown): error is KafkaError {
  return error instanceof KafkaError;
}

/** Errors after which leaders or coordinators must be looked up again. */
export function isStaleError(code: number): boolean {
  return errorByCode(code).isMetadataStale;
}
