import {
  type Api,
  apiVersionsApi,
  type Decoded,
  decodeResponseHeader,
  encodeRequest,
  encodeRequestParts,
  errorByCode,
  Reader,
} from '@tributary/wire';
import { clientError } from './errors.ts';
import { FrameReader } from './frame-reader.ts';
import type { Security } from './security/security.ts';
import { type Address, isTlsRefusal, openSocket } from './socket.ts';
import { longestDelayMs } from './timers.ts';
import type { ByteStream, ClientDeps } from './types.ts';

export interface ConnectionOptions {
  readonly clientId: string;
  readonly connectTimeoutMs: number;
  readonly requestTimeoutMs: number;
  /** Without a request for this long the connection closes itself. */
  readonly maxIdleMs: number;
  readonly security: Security;
  readonly connect: ClientDeps['connect'];
  /** Ends the attempt to connect. */
  readonly signal: AbortSignal;
}

/** A response larger than this is not one; Java's brokers refuse requests of 100 MiB. */
const maxFrameBytes = 512 * 1024 * 1024;

type ApiFacts = Pick<Api<unknown, unknown>, 'key' | 'name' | 'minVersion' | 'maxVersion'>;

/** Of the time that the broker believes the client, after which a new connection is used. */
const lifetimeShare = 0.85;

/** Levels of features that all brokers of the cluster have, as of an epoch that grows with each change; -1: unknown. */
export interface FinalizedFeatures {
  readonly epoch: bigint;
  readonly levels: ReadonlyMap<string, number>;
}

interface Pending {
  readonly apiName: string;
  readonly timer: NodeJS.Timeout;
  /** Reads the answer. */
  resolve(frame: Buffer): void;
  reject(error: Error): void;
}

/**
 * One socket to one broker: requests in order, answers matched by correlation id, a deadline for each. A connection that missed a deadline or got
 * bytes that make no sense is destroyed, since nothing behind them can be trusted; whatever was pending fails with a retriable NETWORK or TIMEOUT error.
 */
export class Connection {
  readonly address: string;
  features: FinalizedFeatures = { epoch: -1n, levels: new Map() };
  readonly #socket: ByteStream;
  readonly #options: ConnectionOptions;
  readonly #pending = new Map<number, Pending>();
  readonly #frames: FrameReader;
  #versions = new Map<number, readonly [min: number, max: number]>();
  #lastCorrelationId = 0;
  #failure: Error | null = null;
  #onClose: (reason: Error | null) => void = () => {};
  #isRetired = false;
  #retirement: NodeJS.Timeout | undefined;

  /** Resolves when the socket is open, the broker has said which versions it speaks and knows who the client is. `onClose` comes once, with the reason; null when it was idle or closed by its owner. */
  static async open(
    address: Address,
    options: ConnectionOptions,
    onClose: (reason: Error | null) => void,
  ): Promise<Connection> {
    const socket = await openSocket(address, {
      timeoutMs: options.connectTimeoutMs,
      signal: options.signal,
      tls: options.security.tls,
      connect: options.connect,
    });
    const connection = new Connection(`${address.host}:${address.port}`, socket, options);
    const onAbort = (): void => connection.close();
    options.signal.addEventListener('abort', onAbort, { once: true });
    try {
      await connection.#negotiate();
      await connection.#authenticate();
    } catch (error) {
      connection.close();
      options.signal.throwIfAborted();
      throw error;
    } finally {
      options.signal.removeEventListener('abort', onAbort);
    }
    connection.#onClose = onClose;
    return connection;
  }

  private constructor(address: string, socket: ByteStream, options: ConnectionOptions) {
    this.address = address;
    this.#socket = socket;
    this.#options = options;
    this.#frames = new FrameReader(maxFrameBytes, (frame) => this.#onFrame(frame));
    socket.on('data', (chunk) => {
      try {
        this.#frames.take(chunk);
      } catch (error) {
        this.#fail(clientError('NETWORK', `Broker ${address} sent what is no response`, error));
      }
    });
    socket.on('error', (error) => {
      const name = isTlsRefusal(error) ? 'SSL_AUTHENTICATION_FAILED' : 'NETWORK';
      this.#fail(clientError(name, `Connection to broker ${address}: ${error.message}`, error));
    });
    socket.on('close', () => {
      this.#fail(clientError('NETWORK', `Connection to broker ${address} was closed`));
    });
    socket.setTimeout(Math.min(options.maxIdleMs, longestDelayMs), () => {
      if (this.#pending.size === 0 && socket.writableLength === 0) this.close();
    });
  }

  /** False, too, when the broker wants to know anew who the client is: another connection is to be opened, while this one waits for its answers. */
  get isOpen(): boolean {
    return this.#failure === null && !this.#isRetired;
  }

  /** True when the broker speaks that version of the API. */
  supports({ key }: ApiFacts, version: number): boolean {
    const range = this.#versions.get(key);
    return range !== undefined && range[0] <= version && version <= range[1];
  }

  /**
   * Sends in the newest version that both sides know, at most `maxVersion`. `value` may be a function of that version.
   * Rejects with KafkaError; the caller reads error codes in the response.
   */
  request<Req, Res>(
    api: Api<Req, Res>,
    value: Req | ((version: number) => Req),
    options: { maxVersion?: number; timeoutMs?: number } = {},
  ): Promise<Decoded<Res>> {
    let version: number;
    let body: Req;
    try {
      version = this.#versionFor(api, options.maxVersion ?? api.maxVersion);
      body = typeof value === 'function' ? (value as (version: number) => Req)(version) : value;
    } catch (error) {
      return Promise.reject(error as Error);
    }
    return this.#send(api, version, body, options.timeoutMs ?? this.#options.requestTimeoutMs);
  }

  /** For acks=0, whose requests have no answer: resolves when the operating system has the bytes. */
  async sendOneWay<Req, Res>(
    api: Api<Req, Res>,
    value: Req,
    options: { maxVersion?: number } = {},
  ): Promise<void> {
    if (this.#failure !== null) throw this.#failure;
    const version = this.#versionFor(api, options.maxVersion ?? api.maxVersion);
    const id = this.#nextCorrelationId();
    const request = encodeRequest(api, version, id, this.#options.clientId, value);
    await new Promise<void>((resolve, reject) => {
      this.#socket.write(request, (error) => {
        if (error === null || error === undefined) resolve();
        else reject(this.#failure ?? clientError('NETWORK', error.message, error));
      });
    });
  }

  close(): void {
    this.#onClose(null);
    this.#onClose = () => {};
    this.#fail(clientError('NETWORK', `Connection to broker ${this.address} was closed`));
  }

  #send<Req, Res>(
    api: Api<Req, Res>,
    version: number,
    value: Req,
    timeoutMs: number,
  ): Promise<Decoded<Res>> {
    if (this.#failure !== null) return Promise.reject(this.#failure);
    const id = this.#nextCorrelationId();
    return new Promise((resolve, reject) => {
      const parts = encodeRequestParts(api, version, id, this.#options.clientId, value);
      const timer = setTimeout(
        () => {
          this.#fail(
            clientError(
              'TIMEOUT',
              `Broker ${this.address} did not answer a ${api.name} request in ${timeoutMs} ms`,
            ),
          );
        },
        Math.min(timeoutMs, longestDelayMs),
      );
      this.#pending.set(id, {
        apiName: api.name,
        timer,
        resolve: (frame) => {
          const reader = new Reader(frame);
          decodeResponseHeader(reader, api, version);
          resolve(api.response.decode(reader, answeredVersion(api, version, frame)));
        },
        reject,
      });
      this.#write(parts);
    });
  }

  /** Record batches are written from where they lie: they must not change before the answer. */
  #write(parts: readonly Buffer[]): void {
    this.#socket.cork();
    for (const part of parts) this.#socket.write(part);
    this.#socket.uncork();
  }

  /** Asks with version 3 and, where that is unknown, as old brokers can answer. */
  async #negotiate(): Promise<void> {
    const value = { clientSoftwareName: 'tributary', clientSoftwareVersion: '0.1.0' };
    const timeoutMs = this.#options.connectTimeoutMs;
    let response = await this.#send(apiVersionsApi, 3, value, timeoutMs);
    if (errorByCode(response.errorCode).name === 'UNSUPPORTED_VERSION') {
      response = await this.#send(apiVersionsApi, 0, value, timeoutMs);
    }
    this.#versions = new Map(
      response.apiKeys.map(({ apiKey, minVersion, maxVersion }) => [
        apiKey,
        [minVersion, maxVersion],
      ]),
    );
    this.features = {
      epoch: response.finalizedFeaturesEpoch,
      levels: new Map(
        response.finalizedFeatures.map(({ name, maxVersionLevel }) => [name, maxVersionLevel]),
      ),
    };
  }

  async #authenticate(): Promise<void> {
    const { sasl } = this.#options.security;
    if (sasl === null) return;
    const timeoutMs = this.#options.connectTimeoutMs;
    const lifetimeMs = await sasl.authenticate(
      this.address,
      (api, value) => this.request(api, value, { timeoutMs }),
      this.#options.signal,
    );
    if (lifetimeMs <= 0) return;
    const retireAfterMs = Math.min(lifetimeMs * lifetimeShare, longestDelayMs);
    this.#retirement = setTimeout(() => {
      this.#isRetired = true;
      this.#closeIfDone();
    }, retireAfterMs);
    this.#retirement.unref();
  }

  #closeIfDone(): void {
    if (this.#isRetired && this.#pending.size === 0 && this.#socket.writableLength === 0)
      this.close();
  }

  #versionFor(api: ApiFacts, maxVersion: number): number {
    const range = this.#versions.get(api.key);
    if (range === undefined) {
      throw clientError('UNSUPPORTED_VERSION', `Broker ${this.address} does not know ${api.name}`);
    }
    const [min, max] = range;
    const version = Math.min(max, maxVersion, api.maxVersion);
    if (version < min || version < api.minVersion) {
      throw clientError(
        'UNSUPPORTED_VERSION',
        `Broker ${this.address} speaks ${api.name} in versions ${min} to ${max}; ${api.minVersion} to ${Math.min(maxVersion, api.maxVersion)} is needed`,
      );
    }
    return version;
  }

  #onFrame(frame: Buffer): void {
    const id = frame.readInt32BE(0);
    const pending = this.#pending.get(id);
    if (pending === undefined) throw new Error(`no request has the correlation id ${id}`);
    this.#pending.delete(id);
    clearTimeout(pending.timer);
    if (this.#isRetired) setImmediate(() => this.#closeIfDone());
    try {
      pending.resolve(frame);
    } catch (error) {
      pending.reject(
        clientError(
          'CORRUPT_RESPONSE',
          `Broker ${this.address} sent a ${pending.apiName} response that cannot be read: ${(error as Error).message}`,
          error,
        ),
      );
    }
  }

  #fail(error: Error): void {
    if (this.#failure !== null) return;
    this.#failure = error;
    clearTimeout(this.#retirement);
    this.#socket.destroy();
    const pending = [...this.#pending.values()];
    this.#pending.clear();
    for (const { timer, reject } of pending) {
      clearTimeout(timer);
      reject(error);
    }
    this.#onClose(error);
  }

  #nextCorrelationId(): number {
    this.#lastCorrelationId = (this.#lastCorrelationId + 1) & 0x7fffffff;
    return this.#lastCorrelationId;
  }
}

/** A broker that does not know the version of an ApiVersions request answers as version 0 does. */
function answeredVersion({ key }: ApiFacts, version: number, frame: Buffer): number {
  const isRefused =
    key === apiVersionsApi.key && errorByCode(frame.readInt16BE(4)).name === 'UNSUPPORTED_VERSION';
  return isRefused ? 0 : version;
}
