import { connect, Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  createConsumer,
  KafkaError,
  type TopicPartition,
  type TopicPartitionOffset,
} from '@tributary/kafka';
import { type JavaProgram, startJavaProgram } from '@tributary/testkit';
import { silent, valuesOf } from '../brokers.ts';
import type { MemberEvent } from './history.ts';

export interface MemberConfig {
  readonly name: string;
  readonly topic: string;
  /** Keys that both clients have. */
  readonly config: Readonly<Record<string, string>>;
}

type Tell = (name: string, event: MemberEvent) => void;

/** A consumer that polls on its own until it is closed. Positions are committed when partitions are given back. */
export interface GroupMember {
  readonly name: string;
  readonly kind: 'our' | 'java';
  close(): Promise<void>;
}

/** `crash`: all connections break and none is made again, so that the group hears no more of it. */
export function startOurMember(
  { name, topic, config }: MemberConfig,
  tell: Tell,
): GroupMember & { crash(): void } {
  const sockets = new Set<Socket>();
  let isCrashed = false;
  let isClosing = false;
  const consumer = createConsumer(config, {
    logger: silent,
    connect({ host, port }) {
      if (isCrashed) return new Socket().destroy(new Error('crashed'));
      const socket = connect({ host, port, noDelay: true });
      sockets.add(socket.on('close', () => sockets.delete(socket)));
      return socket;
    },
  });
  const tellPartitions = (
    event: 'assigned' | 'revoked' | 'lost',
    partitions: readonly TopicPartition[],
  ): void => {
    if (isCrashed) return;
    tell(name, { event, partitions: partitions.map((one) => one.partition), at: Date.now() });
  };
  /** A member that closes may meet the moment at which the group has a new generation and the member has not. */
  const commitThroughRebalance = async (
    positions: readonly TopicPartitionOffset[],
  ): Promise<void> => {
    for (let left = 200; ; left--) {
      try {
        return await consumer.commit(positions);
      } catch (error) {
        const isOver =
          !(error instanceof KafkaError) || error.errorName !== 'REBALANCE_IN_PROGRESS';
        if (isOver || left === 0) throw error;
        await sleep(20);
      }
    }
  };
  consumer.subscribe([topic], {
    onAssigned: (partitions) => tellPartitions('assigned', partitions),
    async onRevoked(partitions) {
      if (isCrashed) return;
      const positions = partitions.map((one) => ({
        ...one,
        offset: consumer.position(one) ?? -1n,
      }));
      await commitThroughRebalance(positions.filter(({ offset }) => offset >= 0n));
      tellPartitions('revoked', partitions);
    },
    onLost: (partitions) => tellPartitions('lost', partitions),
  });
  const polling = (async () => {
    while (!isClosing && !isCrashed) {
      const values = valuesOf(await consumer.poll(50));
      if (values.length > 0 && !isCrashed) tell(name, { event: 'records', values });
    }
    await consumer.close(isCrashed ? 0 : 20_000);
  })().then(
    () => tell(name, { event: 'closed' }),
    (error: unknown) => {
      if (!isCrashed) tell(name, { event: 'failed', reason: String(error) });
    },
  );
  return {
    name,
    kind: 'our',
    async close() {
      isClosing = true;
      await polling;
    },
    crash() {
      isCrashed = true;
      for (const socket of sockets) socket.destroy();
      consumer.wakeup();
    },
  };
}

/** Java's consumers, all in one process. */
export interface JavaMembers extends AsyncDisposable {
  start(member: MemberConfig): GroupMember;
  /** SIGKILL. */
  kill(): Promise<void>;
}

export async function startJavaMembers(tell: Tell): Promise<JavaMembers> {
  const program: JavaProgram = await startJavaProgram('groups/ConsumerMembers.java');
  const onClosed = new Map<string, () => void>();
  const reading = (async () => {
    for await (const line of program.lines) {
      const { name, ...event } = JSON.parse(line) as { name: string } & MemberEvent;
      tell(name, event);
      if (event.event === 'closed' || event.event === 'failed') onClosed.get(name)?.();
    }
    // Whoever waits for one of them finds it in the history.
    for (const close of onClosed.values()) close();
  })();
  const kill = async (): Promise<void> => {
    await program.kill();
    await reading;
  };
  return {
    start({ name, topic, config }) {
      const closed = new Promise<void>((resolve) => onClosed.set(name, resolve));
      program.send(JSON.stringify({ do: 'join', name, topic, config: javaConfig(config) }));
      return {
        name,
        kind: 'java',
        async close() {
          program.send(JSON.stringify({ do: 'close', name }));
          await closed;
        },
      };
    },
    kill,
    [Symbol.asyncDispose]: kill,
  };
}

const javaClasses: Readonly<Record<string, string>> = {
  range: 'RangeAssignor',
  roundrobin: 'RoundRobinAssignor',
  sticky: 'StickyAssignor',
  'cooperative-sticky': 'CooperativeStickyAssignor',
};

function javaConfig(config: Readonly<Record<string, string>>): Record<string, string> {
  const names = config['partition.assignment.strategy']?.split(',') ?? [];
  return {
    ...config,
    'enable.auto.commit': 'false',
    'partition.assignment.strategy': names
      .map((name) => `org.apache.kafka.clients.consumer.${javaClasses[name]}`)
      .join(),
  };
}
