import { expect } from 'vitest';
import { newTopic, readUntil } from './case-tools.ts';
import type { Judge } from './judge.ts';

/** Every writer in every codec that it has, all into one partition; each reader that has all of these codecs finds the same. */
export async function readMixedCodecs(
  writers: readonly Judge[],
  readers: readonly Judge[],
): Promise<void> {
  const [first] = writers;
  if (first === undefined) throw new Error('nobody writes');
  const topic = await newTopic(first);
  const codecs = first.codecs.filter((codec) => readers.every((one) => one.codecs.includes(codec)));
  const sent: (readonly [string | null, string | null])[] = [];
  for (const [index, writer] of writers.entries()) {
    for (const codec of codecs.filter((one) => writer.codecs.includes(one))) {
      const records = Array.from({ length: 20 }, (_, at) => ({
        partition: 0,
        key: at % 3 === 0 ? null : `${index} ${codec} ${at}`,
        value: at % 5 === 0 ? null : `${codec} `.repeat(50),
      }));
      await writer.produce(topic, records, { codec });
      sent.push(...records.map(({ key, value }) => [key, value] as const));
    }
  }
  for (const reader of readers) {
    const found = await readUntil(reader, topic, ({ length }) => length >= sent.length);
    expect(found.map(({ key, value }) => [key, value])).toEqual(sent);
  }
}
