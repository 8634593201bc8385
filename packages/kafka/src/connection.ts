import { connect, type Socket } from 'node:net';
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

export interface Address {
  readonly host: string;
  readonly port: number;
}

export interface ConnectionOptions {
  readonly clientId: string;
  readonly connectTimeoutMs: number;
  readonly requestTimeoutMs: number;
}

/** A response larger than this is not one; Java's brokers refuse requests of 100 MiB. */
const maxFrameBytes = 512 * 1024 * 1024;

interface Pending {
  readonly api: Api<any, any>;
  readonly version: number;
  readonly timer: NodeJS.Timeout;
  resolve(value: unknown): void;
  reject(error: Error): void;
}

/**
 * One socket to one broker: requests in order, answers matched by correlation id, a deadline for each. A connection that missed a deadline or got
 * bytes that make no sense is destroyed, since nothing behind them can be trusted; whatever was pending fails with a retriable NETWORK or TIMEOUT error.
 */
export class Connection {
  readonly address: string;
  readonly #socket: Socket;
  readonly #options: ConnectionOptions;
  readonly #pending = new Map<number, Pending>();
  readonly #frames: FrameReader;
  #versions = new Map<number, readonly [min: number, max: number]>();
  #lastCorrelationId = 0;
  #failure: Error | null = null;

  /** Resolves when the socket is open and the broker has said which versions it speaks. */
  static async open(
    { host, port }: Address,
    options: ConnectionOptions,
    onClose: () => void,
  ): Promise<Connection> {
    const address = `${host}:${port}`;
    const socket = connect({ host, port, noDelay: true });
    await new Promise<void>((resolve, reject) => {
      const fail = (why: string, cause?: unknown): void => {
        clearTimeout(timer);
        socket.destroy();
        reject(clientError('NETWORK', `Cannot connect to broker ${address}: ${why}`, cause));
      };
      const timer = setTimeout(
        () => fail(`no answer in ${options.connectTimeoutMs} ms`),
        options.connectTimeoutMs,
      );
      socket.once('connect', () => {
        clearTimeout(timer);
        socket.removeAllListeners('error');
        resolve();
      });
      socket.once('error', (error) => fail(error.message, error));
    });
    const connection = new Connection(address, socket, options, onClose);
    try {
      await connection.#negotiate();
    } catch (error) {
      connection.close();
      throw error;
    }
    return connection;
  }

  private constructor(
    address: string,
    socket: Socket,
    options: ConnectionOptions,
    onClose: () => void,
  ) {
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
      this.#fail(
        clientError('NETWORK', `Connection to broker ${address}: ${error.message}`, error),
      );
    });
    socket.on('close', () => {
      this.#fail(clientError('NETWORK', `Connection to broker ${address} was closed`));
      onClose();
    });
  }

  get isOpen(): boolean {
    return this.#failure === null;
  }

  get pendingCount(): number {
    return this.#pending.size;
  }

  /** True when the broker speaks that version of the API. */
  supports(api: Api<any, any>, version: number): boolean {
    const range = this.#versions.get(api.key);
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

  /** Sends without waiting: for acks=0, whose requests have no answer. */
  sendOneWay<Req>(api: Api<Req, any>, value: Req, options: { maxVersion?: number } = {}): void {
    const version = this.#versionFor(api, options.maxVersion ?? api.maxVersion);
    const id = this.#nextCorrelationId();
    this.#socket.write(encodeRequest(api, version, id, this.#options.clientId, value));
  }

  close(): void {
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
      const timer = setTimeout(() => {
        this.#fail(
          clientError(
            'TIMEOUT',
            `Broker ${this.address} did not answer a ${api.name} request in ${timeoutMs} ms`,
          ),
        );
      }, timeoutMs);
      this.#pending.set(id, {
        api,
        version,
        timer,
        resolve: resolve as (value: unknown) => void,
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
  }

  #versionFor(api: Api<any, any>, maxVersion: number): number {
    const [min, max] = this.#versions.get(api.key) ?? [1, 0];
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
    try {
      const reader = new Reader(frame);
      decodeResponseHeader(reader, pending.api, pending.version);
      pending.resolve(pending.api.response.decode(reader, pending.version));
    } catch (error) {
      pending.reject(
        clientError(
          'CORRUPT_RESPONSE',
          `Broker ${this.address} sent a ${pending.api.name} response that cannot be read: ${(error as Error).message}`,
          error,
        ),
      );
    }
  }

  #fail(error: Error): void {
    if (this.#failure !== null) return;
    this.#failure = error;
    this.#socket.destroy();
    const pending = [...this.#pending.values()];
    this.#pending.clear();
    for (const { timer, reject } of pending) {
      clearTimeout(timer);
      reject(error);
    }
  }

  #nextCorrelationId(): number {
    this.#lastCorrelationId = (this.#lastCorrelationId + 1) & 0x7fffffff;
    return this.#lastCorrelationId;
  }
}

/** Chunks of a stream -> frames, each an int32 length and that many bytes. A frame is copied once, into a buffer of its own. */
class FrameReader {
  readonly #maxBytes: number;
  readonly #onFrame: (frame: Buffer) => void;
  readonly #length = Buffer.alloc(4);
  #lengthBytes = 0;
  #frame: Buffer | null = null;
  #frameBytes = 0;

  constructor(maxBytes: number, onFrame: (frame: Buffer) => void) {
    this.#maxBytes = maxBytes;
    this.#onFrame = onFrame;
  }

  take(chunk: Buffer): void {
    let at = 0;
    while (at < chunk.length) {
      if (this.#frame === null) {
        const taken = chunk.copy(this.#length, this.#lengthBytes, at, at + 4 - this.#lengthBytes);
        at += taken;
        this.#lengthBytes += taken;
        if (this.#lengthBytes < 4) return;
        this.#begin(this.#length.readInt32BE(0));
      }
      const frame = this.#frame as Buffer;
      const taken = chunk.copy(frame, this.#frameBytes, at);
      at += taken;
      this.#frameBytes += taken;
      if (this.#frameBytes < frame.length) return;
      this.#frame = null;
      this.#lengthBytes = 0;
      this.#onFrame(frame);
    }
  }

  #begin(bytes: number): void {
    if (bytes < 4 || bytes > this.#maxBytes) throw new Error(`a frame of ${bytes} bytes`);
    this.#frame = Buffer.allocUnsafeSlow(bytes);
    this.#frameBytes = 0;
  }
}
