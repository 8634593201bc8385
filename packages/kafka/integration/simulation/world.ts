import { createHash } from 'node:crypto';
import {
  type ControlledRequest,
  type DevBroker,
  type Fault,
  startDevBroker,
} from '@tributary/dev-broker';
import { type ClientDeps, createAdmin } from '@tributary/kafka';
import { controlledApis, drawFault, type FaultRates } from './api-faults.ts';
import { describeFault, describeRequest } from './describe.ts';
import { createNetwork, type Network } from './network.ts';
import { createPlacement, host, type Placement } from './placement.ts';
import { between, oneOf, type Random, randomOf, replaceRandomness } from './random.ts';
import { runInVirtualTime, startMs } from './virtual-time.ts';

/** What a story plays in: three brokers and their troubles, until `heal`. */
export interface World {
  readonly seed: number;
  /** For what the story itself decides. */
  readonly random: Random;
  readonly deps: ClientDeps;
  /** Keys for every client, and some that differ from seed to seed. */
  config(clientId: string): Record<string, string>;
  /** Brokers stop, start, lose and give away what they lead, until `heal`. */
  readonly troubles: Promise<void>;
  heal(): Promise<void>;
  readonly isHealed: boolean;
  /** Sees every request before it is carried out. */
  watch(apiKey: number, see: (request: ControlledRequest) => void): void;
}

export interface Setting {
  /** Partitions by topic. */
  readonly topics: Readonly<Record<string, number>>;
  readonly rates: FaultRates;
  /** How long brokers are in trouble, unless the story heals them before. */
  readonly troubleMs: number;
}

/** Prints what happens: `TRIBUTARY_TRACE=requests`, or `frames` for every piece of bytes, too. */
const isTraced = process.env['TRIBUTARY_TRACE'] !== undefined;

/** No story takes longer than this. */
const limitMs = 30 * 60_000;

/** Clients whose requests nothing happens to but what happens to the brokers. */
export const healthyClient = 'healthy';

/** Runs a story with everything random in it drawn from the seed; returns the hash of all that was said, which is the same for every run of the seed. */
export async function runStory(
  seed: number,
  setting: Setting,
  story: (world: World) => Promise<void>,
): Promise<string> {
  const hash = createHash('sha256');
  const trace = (what: string, bytes?: Buffer): void => {
    hash.update(`${Date.now()} ${what}\n`);
    if (bytes !== undefined) hash.update(bytes);
    if (isTraced && (bytes === undefined || process.env['TRIBUTARY_TRACE'] === 'frames')) {
      process.stdout.write(`${Date.now() - startMs} ${what} ${bytes?.length ?? ''}\n`);
    }
  };
  const restore = replaceRandomness(randomOf(seed));
  try {
    await runInVirtualTime(limitMs, () => playIn(seed, setting, trace, story));
  } finally {
    restore();
  }
  return hash.digest('hex');
}

async function playIn(
  seed: number,
  setting: Setting,
  trace: (what: string, bytes?: Buffer) => void,
  story: (world: World) => Promise<void>,
): Promise<void> {
  const network = createNetwork(randomOf(seed + 1_000_000), trace);
  const placement = createPlacement(new Map(Object.entries(setting.topics)));
  const brokers = new SimulatedBrokers(network, placement);
  const faultRandom = randomOf(seed + 2_000_000);
  const watchers = new Map<number, ((request: ControlledRequest) => void)[]>();
  const broker = await brokers.start();
  let isHealed = false;
  for (const apiKey of controlledApis) {
    broker.control(apiKey, (request): Fault | undefined => {
      for (const see of watchers.get(apiKey) ?? []) see(request);
      const isSpared = isHealed || request.clientId === healthyClient;
      const fault =
        placement.refusal(request) ??
        (isSpared ? undefined : drawFault(faultRandom, apiKey, setting.rates));
      trace(`${describeRequest(request)} ${describeFault(fault)}`);
      return fault ?? placement.shown(request, (node) => brokers.isUp(node));
    });
  }
  for (const [topic, partitions] of Object.entries(setting.topics)) {
    await brokers.createTopic(topic, partitions);
  }
  network.isFaulty = true;
  const healing = Promise.withResolvers<void>();
  const isOver = (): boolean => isHealed;
  const troubles = brokers
    .suffer(randomOf(seed + 3_000_000), setting, isOver)
    .finally(() => healing.resolve());
  const random = randomOf(seed + 4_000_000);
  const common = variedConfig(random);
  const heal = async (): Promise<void> => {
    isHealed = true;
    network.isFaulty = false;
    await healing.promise;
  };
  try {
    await story({
      seed,
      random,
      deps: { logger: loggerOf(trace), connect: ({ port }) => network.connect(port) },
      config: (clientId) => ({
        ...common,
        'client.id': clientId,
        'bootstrap.servers': placement.nodes
          .map((node) => `${host}:${placement.portOf(node)}`)
          .join(','),
      }),
      troubles,
      heal,
      get isHealed() {
        return isHealed;
      },
      watch: (apiKey, see) => watchers.set(apiKey, [...(watchers.get(apiKey) ?? []), see]),
    });
  } finally {
    await heal();
    await broker.close();
  }
}

/** What differs from one user of a cluster to the next. */
function variedConfig(random: Random): Record<string, string> {
  return {
    'request.timeout.ms': String(oneOf(random, [2000, 5000, 10_000])),
    'socket.connection.setup.timeout.ms': '3000',
    'socket.connection.setup.timeout.max.ms': '3000',
    'retry.backoff.ms': String(oneOf(random, [5, 100])),
    'retry.backoff.max.ms': String(oneOf(random, [200, 1000])),
    'reconnect.backoff.ms': '50',
    'reconnect.backoff.max.ms': '500',
    'metadata.max.age.ms': String(oneOf(random, [1000, 300_000])),
  };
}

function loggerOf(trace: (what: string) => void): ClientDeps['logger'] {
  return { error: trace, warn: trace, info: trace, debug: trace };
}

class SimulatedBrokers {
  readonly #network: Network;
  readonly #placement: Placement;
  readonly #down = new Set<number>();
  #broker: DevBroker | null = null;
  #reopen: (nodes: readonly number[]) => void = () => {};

  constructor(network: Network, placement: Placement) {
    this.#network = network;
    this.#placement = placement;
  }

  isUp(node: number): boolean {
    return !this.#down.has(node);
  }

  async start(): Promise<DevBroker> {
    const network = this.#network;
    const ports = (nodes: readonly number[]) => nodes.map((node) => this.#placement.portOf(node));
    this.#broker = await startDevBroker({
      host,
      port: this.#placement.portOf(1),
      config: { 'group.min.session.timeout.ms': 100 },
      listen: ({ port }, serve) => {
        this.#reopen = (nodes) => network.listen(ports(nodes), serve);
        this.#reopen(this.#placement.nodes.filter((node) => this.isUp(node)));
        return Promise.resolve({
          port,
          close: () => {
            network.close(ports(this.#placement.nodes));
            return Promise.resolve();
          },
        });
      },
    });
    return this.#broker;
  }

  async createTopic(topic: string, partitions: number): Promise<void> {
    const admin = createAdmin(
      {
        'bootstrap.servers': `${host}:${this.#placement.portOf(1)}`,
        'client.id': healthyClient,
      },
      {
        logger: { error() {}, warn() {}, info() {}, debug() {} },
        connect: ({ port }) => this.#network.connect(port),
      },
    );
    await admin.createTopic({ topic, partitions, replicationFactor: 1 });
    await admin.close();
  }

  async suffer(random: Random, setting: Setting, isOver: () => boolean): Promise<void> {
    const endMs = Date.now() + setting.troubleMs;
    const topics = Object.entries(setting.topics);
    const { nodes } = this.#placement;
    while (!isOver() && Date.now() < endMs) {
      await pause(between(random, 10, 1500));
      const choice = random();
      if (choice < 0.1) await this.#restartAll(between(random, 1, 3000));
      else if (choice < 0.35) await this.#restart(oneOf(random, nodes), between(random, 1, 4000));
      else if (choice < 0.5) this.#moveCoordinator(random);
      else {
        const [topic, count] = oneOf(random, topics);
        const node = random() < 0.15 ? -1 : oneOf(random, nodes);
        this.#placement.moveLeader(topic, between(random, 0, count - 1), node);
      }
    }
    for (const [topic, count] of topics) {
      for (let partition = 0; partition < count; partition++) {
        this.#placement.moveLeader(topic, partition, oneOf(random, nodes));
      }
    }
  }

  #moveCoordinator(random: Random): void {
    const { coordinatorKeys, nodes } = this.#placement;
    if (coordinatorKeys.size === 0) return;
    this.#placement.moveCoordinator(oneOf(random, [...coordinatorKeys]), oneOf(random, nodes));
  }

  async #restartAll(outageMs: number): Promise<void> {
    await this.#broker?.stop();
    await pause(outageMs);
    await this.#broker?.start();
  }

  /** What it led goes to others, or to nobody, until it is back. */
  async #restart(node: number, outageMs: number): Promise<void> {
    this.#down.add(node);
    this.#network.close([this.#placement.portOf(node)]);
    this.#placement.evacuate(node, (each) => this.isUp(each));
    await pause(outageMs);
    this.#down.delete(node);
    this.#reopen([node]);
  }
}

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}
