import { Duplex } from 'node:stream';
import type { ClientStream } from '@tributary/dev-broker';
import { between, type Random } from './random.ts';

/** Connections in memory: bytes arrive in order, after a while, in pieces; while it is faulty also late, cut short, or not at all. */
export interface Network {
  isFaulty: boolean;
  listen(ports: readonly number[], serve: (stream: ClientStream) => void): void;
  /** Closes the ports and all connections to them. */
  close(ports: readonly number[]): void;
  connect(port: number): SimulatedStream;
}

/** Told of all bytes that are written, in order. */
export type Trace = (what: string, bytes?: Buffer) => void;

/** How long both ends of a connection that carries nothing any more take it for open. */
const deadForMs = 15_000;

export function createNetwork(random: Random, trace: Trace): Network {
  const servers = new Map<number, (stream: ClientStream) => void>();
  const accepted = new Map<number, Set<SimulatedStream>>();
  let connections = 0;
  const network: Network = {
    isFaulty: false,
    listen(ports, serve) {
      for (const port of ports) servers.set(port, serve);
    },
    close(ports) {
      for (const port of ports) {
        servers.delete(port);
        for (const stream of accepted.get(port) ?? []) stream.destroy();
      }
    },
    connect(port) {
      const name = `${++connections}`;
      const isRefused = network.isFaulty && random() < 0.05;
      const isUnanswered = network.isFaulty && random() < 0.02;
      const behave = (direction: string): Behaviour => ({
        trace: (what, bytes) => trace(`${name} ${direction} ${port} ${what}`, bytes),
        random,
        isFaulty: () => network.isFaulty,
      });
      const client = new SimulatedStream(behave('to'), port);
      setTimeout(
        () => {
          if (client.destroyed || isUnanswered) return;
          const serve = servers.get(port);
          if (serve === undefined || isRefused) {
            client.destroy(new Error('connect ECONNREFUSED'));
            return;
          }
          const server = new SimulatedStream(behave('from'), port);
          client.join(server);
          const open = accepted.get(port) ?? new Set();
          accepted.set(port, open.add(server));
          server.once('close', () => open.delete(server));
          serve(server);
          client.emit('connect');
        },
        between(random, 1, 3),
      );
      return client;
    },
  };
  return network;
}

interface Behaviour {
  readonly trace: Trace;
  readonly random: Random;
  isFaulty(): boolean;
}

/** One end of a connection. */
export class SimulatedStream extends Duplex {
  readonly remoteAddress = 'client';
  readonly localPort: number;
  readonly #behaviour: Behaviour;
  #peer: SimulatedStream | null = null;
  /** When the last bytes that are on their way arrive. */
  #arrivalMs = 0;
  #isDead = false;
  #idleTimer: NodeJS.Timeout | undefined;

  constructor(behaviour: Behaviour, port: number) {
    super();
    this.#behaviour = behaviour;
    this.localPort = port;
  }

  join(peer: SimulatedStream): void {
    this.#peer = peer;
    peer.#peer = this;
  }

  setTimeout(timeoutMs: number, onIdle: () => void): this {
    this.#idleTimer = setTimeout(onIdle, timeoutMs);
    return this;
  }

  override _read(): void {}

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.#carry(Buffer.from(chunk));
    done();
  }

  override _writev(chunks: { chunk: Buffer }[], done: () => void): void {
    this.#carry(Buffer.concat(chunks.map(({ chunk }) => chunk)));
    done();
  }

  /** What was written before still arrives. */
  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    clearTimeout(this.#idleTimer);
    const peer = this.#peer;
    if (peer !== null && !this.#isDead) this.#later(() => peer.destroy());
    done(error);
  }

  #carry(bytes: Buffer): void {
    const { random, trace, isFaulty } = this.#behaviour;
    this.#idleTimer?.refresh();
    if (this.#isDead) return;
    const fate = isFaulty() ? random() : 1;
    if (fate < 0.004) {
      trace('dies');
      this.#die();
    } else if (fate < 0.012) {
      trace('breaks');
      this.#deliver(bytes.subarray(0, between(random, 0, bytes.length - 1)));
      this.#later(() => {
        this.#peer?.destroy();
        this.destroy();
      });
      this.#isDead = true;
    } else {
      trace('sends', bytes);
      this.#inPieces(bytes);
    }
  }

  /** Nothing arrives on either side, and neither is told for long. */
  #die(): void {
    const peer = this.#peer;
    this.#isDead = true;
    if (peer !== null) peer.#isDead = true;
    setTimeout(() => {
      peer?.destroy();
      this.destroy();
    }, deadForMs);
  }

  #inPieces(bytes: Buffer): void {
    const { random } = this.#behaviour;
    let rest = bytes;
    while (rest.length > 1 && random() < 0.1) {
      const length = between(random, 1, rest.length - 1);
      this.#deliver(rest.subarray(0, length));
      rest = rest.subarray(length);
    }
    this.#deliver(rest);
  }

  #deliver(bytes: Buffer): void {
    const peer = this.#peer;
    this.#later(() => {
      if (peer === null || peer.destroyed) return;
      peer.#idleTimer?.refresh();
      peer.push(bytes);
    });
  }

  #later(arrive: () => void): void {
    const { random, isFaulty } = this.#behaviour;
    const isSlow = isFaulty() && random() < 0.03;
    const nowMs = Date.now();
    const delayMs = isSlow ? between(random, 1, 1500) : between(random, 1, 3);
    this.#arrivalMs = Math.max(nowMs + delayMs, this.#arrivalMs);
    setTimeout(arrive, this.#arrivalMs - nowMs);
  }
}
