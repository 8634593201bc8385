import {
  apiVersionsApi,
  decodeRequestHeader,
  encodeResponse,
  errorCodes,
  Reader,
  saslAuthenticateApi,
  saslHandshakeApi,
} from '@tributary/wire';
import type { Broker } from './broker.ts';
import type { Clock } from './clock.ts';
import { StorageError } from './errors.ts';
import type { AnyHandler, Call } from './handler.ts';
import { refusedApiVersions } from './handlers/18-api-versions.ts';
import { handlers } from './handlers/index.ts';
import type { PlainSession } from './security/plain-session.ts';

export interface Connection {
  readonly clientHost: string;
  readonly localPort: number;
  readonly signal: AbortSignal;
  /** Undefined on a listener without SASL. */
  readonly sasl: PlainSession | undefined;
}

/** Bytes for the socket; null when there is nothing to send; 'close' when the connection must end. */
export type Answer = Buffer | null | 'close';

const servedApis = [...handlers.values()].map(({ api, minVersion, maxVersion }) => {
  return { apiKey: api.key, minVersion, maxVersion };
});

/**
 * One frame in, one answer out: header, version check, programmed fault, handler. A version of an API that is not served cannot be answered in a form
 * that the client can read: the connection is closed, as Kafka does; only ApiVersions is answered, in version 0 with error 35.
 */
export function dispatch(
  broker: Broker,
  frame: Buffer,
  connection: Connection,
): Answer | Promise<Answer> {
  const reader = new Reader(frame);
  const { apiKey, apiVersion: version, correlationId, clientId } = decodeRequestHeader(reader);
  if (!isAllowed(connection.sasl, apiKey)) {
    broker.logger.warn(
      `Closing the connection from ${connection.clientHost}: it has not authenticated, and sent API key ${apiKey}`,
    );
    return 'close';
  }
  const handler = handlers.get(apiKey);
  if (handler === undefined || version < handler.minVersion || version > handler.maxVersion) {
    if (apiKey === apiVersionsApi.key) {
      return encodeResponse(apiVersionsApi, 0, correlationId, refusedApiVersions(servedApis));
    }
    const name = handler?.api.name ?? `API key ${apiKey}`;
    broker.logger.warn(
      `Closing the connection of client "${clientId}": ${name} version ${version} is not supported`,
    );
    return 'close';
  }
  const request = handler.api.request.decode(reader, version);
  const call = {
    version,
    clientId: clientId ?? '',
    clientHost: connection.clientHost,
    signal: connection.signal,
    sasl: connection.sasl,
    servedApis,
  };
  if (connection.sasl?.status === 'handshaken' && apiKey !== saslAuthenticateApi.key) {
    connection.sasl.giveUp();
    const response = handler.fail(request, errorCodes.ILLEGAL_SASL_STATE, call);
    return encodeResponse(handler.api, version, correlationId, response);
  }
  const encode = (response: unknown): Answer => {
    if (response === null || response === 'close') return response;
    return encodeResponse(handler.api, version, correlationId, response);
  };
  const fault = broker.faults.next({
    apiKey,
    version,
    clientId: call.clientId,
    localPort: connection.localPort,
    body: request,
  });
  if (fault === undefined) return andThen(carryOut(broker, handler, request, call), encode);
  switch (fault.kind) {
    case 'close':
      return 'close';
    case 'error':
      return encode(handler.fail(request, fault.errorCode, call));
    case 'answer':
      return encode(fault.response);
    case 'change':
      return andThen(carryOut(broker, handler, request, call), (response) =>
        encode(fault.change(response)),
      );
    case 'lose-answer':
      return andThen(carryOut(broker, handler, request, call), () => 'close');
    case 'disk-full':
      return andThen(
        withFullDisk(broker, () => carryOut(broker, handler, request, call)),
        encode,
      );
    case 'delay':
      return waitUnlessClosed(broker.clock, fault.delayMs, connection.signal).then(
        async (isClosed) =>
          isClosed ? 'close' : encode(await carryOut(broker, handler, request, call)),
      );
  }
}

/** Before a client has authenticated it may ask for versions, then choose a mechanism, then send its token. What comes in place of the token is answered. */
function isAllowed(sasl: PlainSession | undefined, apiKey: number): boolean {
  switch (sasl?.status) {
    case 'initial':
      return apiKey === apiVersionsApi.key || apiKey === saslHandshakeApi.key;
    case 'failed':
      return false;
    default:
      return true;
  }
}

/** Resolves with true when the connection was closed. */
function waitUnlessClosed(clock: Clock, delayMs: number, closed: AbortSignal): Promise<boolean> {
  return new Promise((resolve) => {
    const onClose = (): void => {
      timer.cancel();
      resolve(true);
    };
    const timer = clock.after(delayMs, () => {
      closed.removeEventListener('abort', onClose);
      resolve(false);
    });
    closed.addEventListener('abort', onClose, { once: true });
  });
}

function carryOut(broker: Broker, handler: AnyHandler, request: unknown, call: Call): unknown {
  const failed = (error: unknown) => {
    broker.logger.error(
      `${handler.api.name} of client "${call.clientId}" failed: ${(error as Error).stack}`,
    );
    const errorCode =
      error instanceof StorageError
        ? errorCodes.KAFKA_STORAGE_ERROR
        : errorCodes.UNKNOWN_SERVER_ERROR;
    return handler.fail(request, errorCode, call);
  };
  try {
    const response = handler.handle(broker, request, call);
    return response instanceof Promise ? (response as Promise<unknown>).catch(failed) : response;
  } catch (error) {
    return failed(error);
  }
}

/** Handlers write before they wait: what is written later belongs to no request. */
function withFullDisk<T>(broker: Broker, run: () => T): T {
  const { storage } = broker;
  const before = storage.isFull;
  storage.isFull = true;
  try {
    return run();
  } finally {
    storage.isFull = before;
  }
}

function andThen<T>(value: unknown, use: (value: unknown) => T): T | Promise<T> {
  return value instanceof Promise ? (value as Promise<unknown>).then(use) : use(value);
}
