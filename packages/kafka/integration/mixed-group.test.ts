import { setTimeout as sleep } from 'node:timers/promises';
import {
  brokerKinds,
  createRandom,
  hasJavaCompiler,
  missingForApacheKafka,
  requireOrSkip,
  type TestBroker,
} from '@tributary/testkit';
import { describe, expect, it } from 'vitest';
import { adminFor, createTopic, outcome, producerFor, record, sendAll } from './brokers.ts';
import { createHistory } from './groups/history.ts';
import {
  type GroupMember,
  type JavaMembers,
  startJavaMembers,
  startOurMember,
} from './groups/members.ts';

const partitionCount = 7;
const steps = 22;
/** Long enough for a busy machine to send heartbeats in; what crashes is missed so long. */
const sessionTimeoutMs = 5000;
const settleTimeoutMs = 60_000;
const quietMs = 200;

const stories = [
  { name: 'range', assignors: () => 'range' },
  { name: 'roundrobin', assignors: () => 'roundrobin' },
  { name: 'sticky', assignors: () => 'sticky' },
  { name: 'cooperative-sticky', assignors: () => 'cooperative-sticky' },
  // Member by member, twice, as KIP-429 describes it: the last that only knows `range` is gone before step 10, the last that also knows it before step 20.
  {
    name: 'range to cooperative-sticky',
    assignors: (step: number) =>
      ['range', 'cooperative-sticky,range', 'cooperative-sticky'][step < 4 ? 0 : step < 13 ? 1 : 2],
  },
] as const;

const missing = await missingForApacheKafka();
const hasJava =
  requireOrSkip('Apache Kafka', missing === null, missing ?? '') &&
  requireOrSkip(
    'Java compiler',
    await hasJavaCompiler(),
    'apt-get install openjdk-17-jdk-headless',
  );

describe.for(await brokerKinds())('on $name', (kind) => {
  it.runIf(kind.isAvailable && hasJava)(
    "members of ours and of Java's share a topic through joins, leaves and crashes: each partition owned once, each record read",
    { timeout: 300_000 },
    async () => {
      await using broker = await kind.start({ 'group.min.session.timeout.ms': '1000' });
      const groups = stories.map((story, index) => createGroup(broker, story, index));
      const tell: Parameters<typeof startJavaMembers>[0] = (name, event) => {
        groups.find((group) => group.owns(name))?.history.note(name, event);
      };
      await using firstJava = await startJavaMembers(tell);
      await Promise.all(groups.map((group) => group.comeAndGo(firstJava)));
      await firstJava.kill();
      for (const group of groups) group.noteJavaKilled();
      await using secondJava = await startJavaMembers(tell);
      await Promise.all(groups.map((group) => group.goOnAfterCrash(secondJava)));
    },
  );
});

/** One topic, its producer and its group. */
function createGroup(broker: TestBroker, story: (typeof stories)[number], index: number) {
  const topic = `mixed-${index}`;
  const history = createHistory();
  const random = createRandom(index);
  const sent: string[] = [];
  let members: GroupMember[] = [];
  let ours: (GroupMember & { crash(): void })[] = [];
  let step = 0;
  let lastId = 0;

  const join = (kind: GroupMember['kind'], java: JavaMembers, instanceId?: string): GroupMember => {
    const name = `${topic} ${kind} ${lastId++}`;
    const config = {
      'bootstrap.servers': broker.bootstrapServers,
      'group.id': topic,
      'auto.offset.reset': 'earliest',
      'heartbeat.interval.ms': '100',
      'session.timeout.ms': String(sessionTimeoutMs),
      'partition.assignment.strategy': story.assignors(step) ?? '',
      ...(instanceId === undefined ? {} : { 'group.instance.id': instanceId }),
    };
    let member: GroupMember;
    if (kind === 'java') member = java.start({ name, topic, config });
    else {
      const our = startOurMember({ name, topic, config }, history.note);
      ours.push(our);
      member = our;
    }
    members.push(member);
    return member;
  };

  const leave = async (member: GroupMember): Promise<void> => {
    members = members.filter((one) => one !== member);
    ours = ours.filter((one) => one !== member);
    await member.close();
  };

  const produce = async (): Promise<void> => {
    await using producer = producerFor(broker);
    const values = Array.from({ length: partitionCount * 3 }, (_, at) => `${sent.length + at}`);
    const listener = outcome();
    await sendAll(
      producer,
      values.map((value, at) => record(topic, value, at % partitionCount)),
      listener,
    );
    await producer.flush();
    expect(listener.errors).toEqual([]);
    sent.push(...values);
  };

  /** Everybody owns a share that is not much unlike the others', together all, and it stays so for a while. */
  const settle = async (what: string): Promise<void> => {
    const deadline = Date.now() + settleTimeoutMs;
    const isSettled = (): boolean => {
      const owned = members.map(({ name }) => history.owned().get(name) ?? []);
      const sizes = owned.map(({ length }) => length);
      const all = owned.flat().sort((a, b) => a - b);
      return (
        all.join() === Array.from({ length: partitionCount }, (_, at) => at).join() &&
        Math.max(...sizes) - Math.min(...sizes) <= 1
      );
    };
    for (let since = Date.now(); Date.now() - since < quietMs; ) {
      if (history.failures.length > 0) throw new Error(`${topic}, ${what}: ${history.failures}`);
      if (Date.now() > deadline) {
        const owned = JSON.stringify([...history.owned()]);
        throw new Error(`${topic} (${story.name}) is not settled after ${what}: ${owned}`);
      }
      await sleep(10);
      if (!isSettled()) since = Date.now();
    }
    expect(history.overlaps(), what).toEqual([]);
  };

  const comeOrGo = async (java: JavaMembers): Promise<void> => {
    await produce();
    const isChange = story.name.includes(' to ');
    const isJoin = isChange
      ? members.length < 4
      : members.length < 3 || (members.length < 5 && random.below(2) === 0);
    if (isJoin) {
      const kind = random.below(2) === 0 ? 'our' : 'java';
      join(kind, java);
      await settle(`step ${step}, join of ${members.at(-1)?.name}`);
    } else {
      // The eldest, who led the group, or in a group that changes its assignors always that one.
      const isEldest = isChange || random.below(3) === 0;
      const member = members[isEldest ? 0 : random.below(members.length)] as GroupMember;
      await leave(member);
      await settle(`step ${step}, leave of ${member.name}`);
    }
    step += 1;
  };

  /** Its session goes on, so that it has its share again and nobody else notices. */
  const restartStatic = async (kind: GroupMember['kind'], java: JavaMembers): Promise<void> => {
    const instanceId = `static-${kind}`;
    const first = join(kind, java, instanceId);
    await settle(`join of static ${first.name}`);
    const share = history.owned().get(first.name)?.sort();
    await leave(first);
    const second = join(kind, java, instanceId);
    await settle(`return of static ${second.name}`);
    expect(history.owned().get(second.name)?.sort()).toEqual(share);
    step += 3;
  };

  const expectAllRead = async (): Promise<void> => {
    const deadline = Date.now() + settleTimeoutMs;
    const isMissing = (value: string): boolean => !history.reads.has(value);
    while (sent.some(isMissing) && Date.now() < deadline) await sleep(20);
    expect(sent.filter(isMissing)).toEqual([]);
  };

  return {
    history,
    owns: (name: string) => name.startsWith(`${topic} `),

    async comeAndGo(java: JavaMembers): Promise<void> {
      await createTopic(broker, topic, partitionCount);
      // The first to join leads.
      join(index % 2 === 0 ? 'java' : 'our', java);
      await settle('the first join');
      while (step < steps) await comeOrGo(java);
      if (!members.some(({ kind }) => kind === 'java')) join('java', java);
      if (!members.some(({ kind }) => kind === 'our')) join('our', java);
      await settle('joins of both kinds');
      await restartStatic('our', java);
      await restartStatic('java', java);
      await expectAllRead();
      // Everybody committed what it gave back: nothing was read twice.
      expect([...history.reads].filter(([, count]) => count > 1)).toEqual([]);
    },

    noteJavaKilled(): void {
      for (const { name, kind } of members) if (kind === 'java') history.noteCrash(name);
      members = members.filter(({ kind }) => kind === 'our');
    },

    async goOnAfterCrash(java: JavaMembers): Promise<void> {
      await produce();
      await settle("the end of Java's process");
      join('java', java);
      await settle('a join after it');
      const [victim] = ours;
      if (victim === undefined) throw new Error('none of ours is left');
      victim.crash();
      history.noteCrash(victim.name);
      members = members.filter((member) => member !== victim);
      join('our', java);
      await produce();
      await settle('the crash of one of ours');
      await expectAllRead();
      for (const member of members) await leave(member);
      expect(history.failures).toEqual([]);
      expect(history.overlaps()).toEqual([]);
      await using admin = adminFor(broker);
      const committed = await admin.listGroupOffsets(topic);
      expect(committed.map(({ partition, offset }) => [partition, Number(offset)]).sort()).toEqual(
        Array.from({ length: partitionCount }, (_, at) => [at, sent.length / partitionCount]),
      );
    },
  };
}
