import type { Api, Decoded } from '@tributary/wire';
import type { Broker } from './broker.ts';
import type { PlainSession } from './security/plain-session.ts';

/** One request and the connection it came over. */
export interface Call {
  readonly version: number;
  readonly clientId: string;
  readonly clientHost: string;
  /** Aborted when the connection is closed. */
  readonly signal: AbortSignal;
  /** Undefined on a listener without SASL. */
  readonly sasl: PlainSession | undefined;
  /** What ApiVersions tells. */
  readonly servedApis: readonly ServedApi[];
}

export interface ServedApi {
  readonly apiKey: number;
  readonly minVersion: number;
  readonly maxVersion: number;
}

export interface Handler<Req, Res> {
  readonly api: Api<Req, Res>;
  /** What of the API is served; may be less than its table has. */
  readonly minVersion: number;
  readonly maxVersion: number;
  /** Null: there is no answer; 'close': the connection ends. Throwing is answered with `fail`: a StorageError with KAFKA_STORAGE_ERROR, others with UNKNOWN_SERVER_ERROR. */
  handle(broker: Broker, request: Decoded<Req>, call: Call): Outcome<Res> | Promise<Outcome<Res>>;
  /** The answer that gives every part of the request this error. */
  fail(request: Decoded<Req>, errorCode: number, call: Call): Res;
}

export type Outcome<Res> = Res | null | 'close';

/** The types of request and response are known inside a handler only; the dispatcher passes on what the handler's own table decoded. */
export interface AnyHandler {
  readonly api: Api<unknown, unknown>;
  readonly minVersion: number;
  readonly maxVersion: number;
  handle(broker: Broker, request: unknown, call: Call): unknown;
  fail(request: unknown, errorCode: number, call: Call): unknown;
}

export function defineHandler<Req, Res>(handler: Handler<Req, Res>): AnyHandler {
  return handler as unknown as AnyHandler;
}
