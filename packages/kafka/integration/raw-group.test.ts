import { setTimeout as sleep } from 'node:timers/promises';
import { createGroupMember } from '@tributary/kafka';
import {
  brokerKinds,
  hasJavaCompiler,
  type JavaProgram,
  missingForApacheKafka,
  requireOrSkip,
  startJavaProgram,
} from '@tributary/testkit';
import { describe, expect, it } from 'vitest';
import { silent, until } from './brokers.ts';

const missing = await missingForApacheKafka();
const hasJava =
  requireOrSkip('Apache Kafka', missing === null, missing ?? '') &&
  requireOrSkip(
    'Java compiler',
    await hasJavaCompiler(),
    'apt-get install openjdk-17-jdk-headless',
  );

const protocolType = 'any type';
const everyByte = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte));
const long = Buffer.alloc(100_000, 'long');
const none = Buffer.alloc(0);
const backwards = (bytes: Uint8Array): Buffer => Buffer.from(bytes.toReversed());

describe.for(await brokerKinds())('on $name', (kind) => {
  it.runIf(kind.isAvailable && hasJava)(
    "raw metadata and assignments go between our members and Java's, whoever leads",
    async () => {
      await using broker = await kind.start();
      const group = 'raw';
      // Offers what one of ours prefers less, and what none of ours has.
      const javaProtocols = [`only-java=01`, `common=${everyByte.toString('hex')}`];
      const javaArgs = [broker.bootstrapServers, group, protocolType, ...javaProtocols];

      await using java = await startJavaProgram('groups/RawMember.java', javaArgs);
      expect(await eventOf(java, 'joined')).toMatchObject({ protocol: 'only-java' });

      await using one = startMember(broker.bootstrapServers, group, { ours: long, common: long });
      const led = await eventOf(java, 'led', ({ members }) => members?.length === 2);
      expect(led.protocol).toBe('common');
      expect(led.members?.sort()).toEqual([everyByte, long].map((each) => each.toString('hex')));
      await one.assigned((assignment) => assignment.equals(backwards(long)));

      await using two = startMember(broker.bootstrapServers, group, { common: none });
      await two.assigned((assignment) => assignment.length === 0);
      await eventOf(java, 'led', ({ members }) => members?.length === 3);

      // One of ours leads now, and they agree on the same among themselves.
      await java.end();
      await one.assigned((assignment) => assignment.equals(Buffer.concat([prefix, long])));
      await two.assigned((assignment) => assignment.equals(prefix));

      await using again = await startJavaProgram('groups/RawMember.java', javaArgs);
      const joined = await eventOf(again, 'joined');
      expect(joined.protocol).toBe('common');
      expect(joined.assignment).toBe(Buffer.concat([prefix, everyByte]).toString('hex'));
      const seen = [...one.led(), ...two.led()].map((members) => members.length);
      expect(Math.max(...seen)).toBe(3);
      await again.end();
    },
  );
});

const prefix = Buffer.from('from ours ');

/** Joins whenever it must, on its own. As leader it gives each member its metadata behind `prefix`. */
function startMember(
  bootstrapServers: string,
  groupId: string,
  protocols: Readonly<Record<string, Buffer>>,
) {
  const led: Buffer[][] = [];
  const ending = new AbortController();
  const config = { 'bootstrap.servers': bootstrapServers };
  const { member, close } = createGroupMember(
    config,
    { logger: silent },
    {
      groupId,
      groupInstanceId: null,
      protocolType,
      sessionTimeoutMs: 10_000,
      rebalanceTimeoutMs: 60_000,
      heartbeatIntervalMs: 100,
      protocols: () => Object.entries(protocols).map(([name, metadata]) => ({ name, metadata })),
      async assign(_protocol, members) {
        led.push(members.map(({ metadata }) => metadata));
        return new Map(
          members.map(({ memberId, metadata }) => [memberId, Buffer.concat([prefix, metadata])]),
        );
      },
      isStalled: () => false,
    },
  );
  const joining = (async () => {
    while (!ending.signal.aborted) {
      if (member.needsRejoin) {
        // What has gone on meanwhile, or is not there yet, is tried again.
        await member.join(ending.signal).catch(() => sleep(50));
      }
      await sleep(20);
    }
  })();
  return {
    led: () => led,
    async assigned(isWanted: (assignment: Buffer) => boolean): Promise<void> {
      await until(() => {
        const assignment = member.membership?.assignment;
        return assignment !== undefined && isWanted(assignment);
      }, 60_000);
    },
    async [Symbol.asyncDispose]() {
      ending.abort();
      await joining;
      await close(AbortSignal.timeout(5000));
    },
  };
}

interface JavaEvent {
  readonly event: string;
  readonly protocol: string;
  readonly members?: string[];
  readonly assignment?: string;
}

/** The next one that is wanted; those before it are over. */
async function eventOf(
  java: JavaProgram,
  name: string,
  isWanted: (event: JavaEvent) => boolean = () => true,
): Promise<JavaEvent> {
  for (;;) {
    const line = await java.lines.next();
    if (line.done) throw new Error(`The Java member ended before "${name}": ${java.problems}`);
    const event = JSON.parse(line.value) as JavaEvent;
    if (event.event === name && isWanted(event)) return event;
  }
}
