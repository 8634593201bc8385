import { RecordBatchBuilder } from '@tributary/wire';
import { beforeEach, describe, expect, it } from 'vitest';
import { PartitionQueue, type QueueRules } from './partition-queue.ts';
import { ProducerBatch } from './producer-batch.ts';

const rules: QueueRules = { lingerMs: 100, maxInFlight: 5, isIdempotent: true };
const first = { id: 7n, epoch: 0 };
let queue: PartitionQueue;
let lastNumber = 0;

beforeEach(() => {
  queue = new PartitionQueue({ topic: 't', partition: 0 });
  queue.noteWritten(0);
});

function add(recordCount = 1, createdAt = 0): ProducerBatch {
  const builder = new RecordBatchBuilder({ maxBytes: 1_000_000 });
  for (let i = 0; i < recordCount; i++) builder.append(0, null, null, []);
  const number = ++lastNumber;
  const batch = new ProducerBatch(queue.target, builder, { number, createdAt, reservedBytes: 0 });
  batch.isFull = true;
  queue.batches.push(batch);
  return batch;
}

function send(batch: ProducerBatch, fresh = first): void {
  expect(queue.next(0, rules, false)).toBe(batch);
  expect(queue.number(batch, fresh)).toBe(true);
  batch.isInFlight = true;
  queue.inFlight++;
}

function land(batch: ProducerBatch, isRetried: boolean): void {
  batch.isInFlight = false;
  queue.inFlight--;
  if (isRetried) batch.attempts++;
  else queue.remove(batch);
}

describe('what is sent next', () => {
  it('is nothing before linger.ms, unless the batch is full, has another behind it, or somebody waits', () => {
    const batch = add(1, 1000);
    batch.isFull = false;
    expect(queue.next(1040, rules, false)).toBe(60);
    expect(queue.next(1100, rules, false)).toBe(batch);
    expect(queue.next(1040, rules, true)).toBe(batch);
    add(1, 1050);
    expect(queue.next(1040, rules, false)).toBe(batch);
  });

  it('is at most max.in.flight batches', () => {
    const all = [add(), add(), add(), add(), add(), add()];
    for (const batch of all.slice(0, 5)) send(batch);
    expect(queue.next(0, rules, false)).toBe(Number.POSITIVE_INFINITY);
    land(all[0] as ProducerBatch, false);
    send(all[5] as ProducerBatch);
  });

  it('is nothing that would push a batch without an answer out of what the broker remembers', () => {
    const all = [add(), add(), add(), add(), add(), add()];
    for (const batch of all.slice(0, 5)) send(batch);
    for (const batch of all.slice(1, 5)) land(batch, false);
    expect(queue.next(0, rules, false)).toBe(Number.POSITIVE_INFINITY);
    land(all[0] as ProducerBatch, true);
    send(all[0] as ProducerBatch);
    expect(queue.next(0, rules, false)).toBe(Number.POSITIVE_INFINITY);
    land(all[0] as ProducerBatch, false);
    send(all[5] as ProducerBatch);
  });

  it('is one alone until the broker knows the producer, and after a pause in which it may forget it', () => {
    queue = new PartitionQueue({ topic: 't', partition: 0 });
    const [a, b, c] = [add(), add(), add()];
    send(a);
    expect(queue.next(0, rules, false)).toBe(Number.POSITIVE_INFINITY);
    land(a, false);
    queue.noteWritten(1000);
    send(b);
    expect(queue.next(1000, rules, false)).toBe(c);
    expect(queue.next(3_600_000, rules, false)).toBe(Number.POSITIVE_INFINITY);
  });

  it('waits for the back-off', () => {
    const batch = add();
    queue.notBefore = 50;
    expect(queue.next(0, rules, false)).toBe(50);
    expect(queue.next(50, rules, false)).toBe(batch);
  });

  it('is a batch that failed only when nothing is in flight, so that it overtakes nothing', () => {
    const [a, b] = [add(), add()];
    send(a);
    send(b);
    land(a, true);
    expect(queue.next(0, rules, false)).toBe(Number.POSITIVE_INFINITY);
    land(b, true);
    send(a);
    // Nor does the next repeated one overtake it.
    expect(queue.next(0, rules, false)).toBe(Number.POSITIVE_INFINITY);
    land(a, false);
    send(b);
  });
});

describe('sequences', () => {
  it('go on by the number of records, and from 2^31 - 1 to 0', () => {
    const all = [add(1_000), add(3), add(2)];
    for (const batch of all) send(batch);
    expect(all.map(({ baseSequence }) => baseSequence)).toEqual([0, 1000, 1003]);

    queue = new PartitionQueue({ topic: 't', partition: 0 });
    queue.noteWritten(0);
    const huge = add(1);
    Object.defineProperty(huge.builder, 'recordCount', { value: 2 ** 31 - 2 });
    const [before, after] = [add(5), add(1)];
    for (const batch of [huge, before, after]) send(batch);
    expect(before.baseSequence).toBe(2 ** 31 - 2);
    expect(after.baseSequence).toBe(3);
  });

  it('stay the same for a batch that is sent again', () => {
    const [a, b] = [add(2), add(2)];
    send(a);
    send(b);
    land(a, true);
    land(b, true);
    send(a);
    land(a, false);
    send(b);
    expect([a.baseSequence, b.baseSequence]).toEqual([0, 2]);
    expect(queue.producer).toEqual(first);
  });

  it('restart under a higher epoch behind a batch that the broker refused, when nothing is in flight', () => {
    const [a, b, c] = [add(2), add(2), add(2)];
    send(a);
    send(b);
    land(a, false);
    queue.noteGivenUp(a, true);
    expect(queue.next(0, rules, false)).toBe(Number.POSITIVE_INFINITY);
    land(b, true);
    send(b);
    expect(queue.producer).toEqual({ id: 7n, epoch: 1 });
    expect(b.baseSequence).toBe(0);
    // The broker has not answered under the new epoch yet.
    expect(queue.next(0, rules, false)).toBe(Number.POSITIVE_INFINITY);
    land(b, false);
    queue.noteWritten(0);
    send(c);
    expect(c.baseSequence).toBe(2);
  });

  it('stay as they are behind a batch that may have been written, for those sent before; the broker tells', () => {
    const [a, b, c] = [add(2), add(2), add(2)];
    send(a);
    send(b);
    land(a, false);
    queue.noteGivenUp(a, false);
    land(b, true);
    send(b);
    expect(b.baseSequence).toBe(2);
    expect(queue.producer).toEqual(first);
    land(b, false);
    queue.noteWritten(0);
    send(c);
    expect(c.baseSequence).toBe(4);
    expect(queue.producer).toEqual(first);
  });

  it('restart when the broker then misses the one before the oldest', () => {
    const [a, b] = [add(2), add(2)];
    send(a);
    send(b);
    land(a, false);
    queue.noteGivenUp(a, false);
    land(b, true);
    send(b);
    queue.noteOutOfOrder(b);
    land(b, true);
    send(b);
    expect([b.baseSequence, queue.producer]).toEqual([0, { id: 7n, epoch: 1 }]);
  });

  it('stay as they are, though a later one was refused, for one that may be written', () => {
    const [a, b, c] = [add(2), add(2), add(2)];
    send(a);
    send(b);
    land(b, false);
    queue.noteGivenUp(b, true);
    a.mayBeWritten = true;
    land(a, true);
    send(a);
    expect([a.baseSequence, queue.producer]).toEqual([0, first]);
    land(a, false);
    send(c);
    expect([c.baseSequence, queue.producer]).toEqual([0, { id: 7n, epoch: 1 }]);
  });

  it('do not restart because a later one is out of order: the older one is on its way', () => {
    const [a, b] = [add(2), add(2)];
    send(a);
    send(b);
    queue.noteOutOfOrder(b);
    land(a, true);
    land(b, true);
    send(a);
    expect([a.baseSequence, queue.producer]).toEqual([0, first]);
  });

  it('restart before a batch that was never sent, behind one whose fate is unknown', () => {
    const a = add(2);
    send(a);
    land(a, false);
    queue.noteGivenUp(a, false);
    const b = add(2);
    send(b);
    expect([b.baseSequence, queue.producer]).toEqual([0, { id: 7n, epoch: 1 }]);
  });

  it('need a fresh producer id behind the last epoch', () => {
    const a = add();
    const last = { id: 7n, epoch: 32_767 };
    send(a, last);
    land(a, false);
    queue.noteGivenUp(a, true);
    const b = add();
    expect(queue.number(b, last)).toBe(false);
    expect(queue.number(b, { id: 8n, epoch: 0 })).toBe(true);
    expect([b.baseSequence, queue.producer]).toEqual([0, { id: 8n, epoch: 0 }]);
  });
});
