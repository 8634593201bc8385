import type { Consumer, RebalanceListener, TopicPartition } from '@tributary/kafka';
import { brokerKinds, olderBrokerKinds, type TestBroker } from '@tributary/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  consumerFor,
  createTopic,
  outcome,
  producerFor,
  quiet,
  record,
  sendAll,
  valuesOf,
} from './brokers.ts';

const strategies = [
  'range',
  'roundrobin',
  'sticky',
  'cooperative-sticky',
  // On the way from one to the other: eager, though the assignor is cooperative.
  'cooperative-sticky,range',
] as const;
describe.for([...(await brokerKinds()), ...(await olderBrokerKinds())])(
  'a group on $name',
  (kind) => {
    let broker: TestBroker;
    beforeAll(async () => {
      if (kind.isAvailable) broker = await kind.start();
    });
    afterAll(() => broker?.[Symbol.asyncDispose]());

    it.runIf(kind.isAvailable).for(strategies)(
      'with %s owns every partition once through joins and leaves, and loses no record',
      async (strategy) => {
        const topic = `churn-${strategy.replace(',', '-')}`;
        await createTopic(broker, topic, 8);
        await using producer = producerFor(broker);
        const seen: string[] = [];
        const owners = new Map<number, number>();
        const members: { id: number; consumer: Consumer }[] = [];
        let lastId = 0;
        const join = (): void => {
          const id = ++lastId;
          const consumer = consumerFor(broker, {
            'group.id': topic,
            'partition.assignment.strategy': strategy,
            'heartbeat.interval.ms': '50',
          });
          const release = async (partitions: readonly TopicPartition[]): Promise<void> => {
            for (const { partition } of partitions) {
              expect(owners.get(partition)).toBe(id);
              owners.delete(partition);
            }
            const positions = partitions.map((each) => ({
              ...each,
              offset: consumer.position(each) ?? -1n,
            }));
            await consumer.commit(positions.filter(({ offset }) => offset >= 0n));
          };
          const listener: RebalanceListener = {
            onAssigned(partitions) {
              for (const { partition } of partitions) {
                expect(owners.get(partition)).toBeUndefined();
                owners.set(partition, id);
              }
            },
            onRevoked: release,
            onLost: () => {
              throw new Error('nobody is lost here');
            },
          };
          consumer.subscribe([topic], listener);
          members.push({ id, consumer });
        };
        const poll = async (): Promise<void> => {
          await Promise.all(
            members.map(async ({ consumer }) => seen.push(...valuesOf(await consumer.poll(20)))),
          );
        };
        const settle = async (): Promise<void> => {
          const deadline = Date.now() + 20_000;
          const isEven = (): boolean => {
            const sizes = members.map(({ consumer }) => consumer.assignment.length);
            return owners.size === 8 && Math.max(...sizes) - Math.min(...sizes) <= 1;
          };
          while (!isEven()) {
            if (Date.now() > deadline) throw new Error(`owned: ${JSON.stringify([...owners])}`);
            await poll();
          }
        };
        const sent: string[] = [];
        const produce = async (): Promise<void> => {
          const values = Array.from({ length: 16 }, (_, index) => `${sent.length + index}`);
          const listener = outcome();
          await sendAll(
            producer,
            values.map((value, index) => record(topic, value, index % 8)),
            listener,
          );
          await producer.flush();
          expect(listener.errors).toEqual([]);
          sent.push(...values);
        };
        join();
        await settle();
        for (const step of ['join', 'join', 'leave', 'join', 'leave', 'leave']) {
          await produce();
          if (step === 'join') join();
          else await members.shift()?.consumer.close(2000);
          await settle();
        }
        await produce();
        const deadline = Date.now() + 20_000;
        while (new Set(seen).size < sent.length && Date.now() < deadline) await poll();
        for (const { consumer } of members.splice(0)) await consumer.close(2000);
        // Everything was committed before it was given back: nothing comes twice.
        expect(seen.sort()).toEqual(sent.sort());
      },
    );

    it.runIf(kind.isAvailable)(
      'with cooperative-sticky goes on reading what it keeps while others join',
      async () => {
        await createTopic(broker, 'kept', 4);
        const config = {
          'group.id': 'kept',
          'partition.assignment.strategy':
            'org.apache.kafka.clients.consumer.CooperativeStickyAssignor',
          'heartbeat.interval.ms': '50',
        };
        await using one = consumerFor(broker, config);
        const events: string[] = [];
        const note = (what: string) => (partitions: readonly TopicPartition[]) =>
          void events.push(`${what} ${partitions.length}`);
        one.subscribe(['kept'], {
          onAssigned: note('assigned'),
          onRevoked: note('revoked'),
          onLost: note('lost'),
        });
        while (one.assignment.length < 4) await one.poll(20);
        await using two = consumerFor(broker, config);
        two.subscribe(['kept'], quiet);
        const deadline = Date.now() + 20_000;
        while ((two.assignment.length < 2 || one.assignment.length > 2) && Date.now() < deadline) {
          await Promise.all([one.poll(20), two.poll(20)]);
        }
        expect(events.filter((event) => event !== 'assigned 0')).toEqual([
          'assigned 4',
          'revoked 2',
        ]);
        expect(
          [...one.assignment, ...two.assignment].map(({ partition }) => partition).sort(),
        ).toEqual([0, 1, 2, 3]);
      },
    );

    it.runIf(kind.isAvailable)('keeps the share of a static member that restarts', async () => {
      await createTopic(broker, 'static', 4);
      const config = (id: string) => ({
        'group.id': 'static',
        'group.instance.id': id,
        'heartbeat.interval.ms': '50',
      });
      let rounds = 0;
      await using one = consumerFor(broker, config('one'));
      one.subscribe(['static'], { ...quiet, onAssigned: () => void (rounds += 1) });
      if (kind.name === 'Apache Kafka 2.1.1') {
        await expect(one.poll(20_000)).rejects.toMatchObject({ errorName: 'UNSUPPORTED_VERSION' });
        return;
      }
      const first = consumerFor(broker, config('two'));
      first.subscribe(['static'], quiet);
      const deadline = Date.now() + 20_000;
      while (
        (one.assignment.length !== 2 || first.assignment.length !== 2) &&
        Date.now() < deadline
      ) {
        await Promise.all([one.poll(20), first.poll(20)]);
      }
      const before = rounds;
      const share = [...first.assignment];
      await first.close(1000);
      await using again = consumerFor(broker, config('two'));
      again.subscribe(['static'], quiet);
      while (again.assignment.length === 0 && Date.now() < deadline)
        await Promise.all([one.poll(20), again.poll(20)]);
      for (let index = 0; index < 20; index++) await one.poll(20);
      expect(again.assignment).toEqual(share);
      expect(rounds).toBe(before);
    });
  },
);
