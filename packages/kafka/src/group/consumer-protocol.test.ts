import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  decodeAssignment,
  decodeSubscription,
  encodeAssignment,
  encodeSubscription,
} from './consumer-protocol.ts';

const partitions = fc
  .uniqueArray(fc.record({ topic: fc.constantFrom('a', 'b'), partition: fc.nat({ max: 5 }) }), {
    selector: ({ topic, partition }) => `${topic} ${partition}`,
  })
  .map((all) =>
    all.sort((x, y) =>
      x.topic < y.topic ? -1 : x.topic > y.topic ? 1 : x.partition - y.partition,
    ),
  );

describe('a subscription', () => {
  it.each(['sticky', 'cooperative-sticky'])('of %s carries what is held', (protocol) => {
    fc.assert(
      fc.property(
        fc.array(fc.string()).map((topics) => topics.sort()),
        partitions,
        fc.integer({ min: -1, max: 100 }),
        fc.option(fc.string()),
        (topics, owned, generation, rackId) => {
          const subscription = { topics, owned, generation, rackId };
          expect(decodeSubscription(protocol, encodeSubscription(protocol, subscription))).toEqual(
            subscription,
          );
        },
      ),
    );
  });

  it('of an eager protocol holds nothing', () => {
    const encoded = encodeSubscription('range', {
      topics: ['t'],
      owned: [{ topic: 't', partition: 0 }],
      generation: 3,
      rackId: null,
    });
    expect(decodeSubscription('range', encoded)).toEqual({
      topics: ['t'],
      owned: [],
      generation: 3,
      rackId: null,
    });
  });

  // Version 0 of the subscription, and version 1 with the generation in the user data.
  it.each([
    [
      'range',
      '0000 00000001 0001 74 ffffffff',
      { topics: ['t'], owned: [], generation: -1, rackId: null },
    ],
    [
      'cooperative-sticky',
      '0001 00000001 0001 74 00000004 00000007 00000001 0001 74 00000001 00000002',
      { topics: ['t'], owned: [{ topic: 't', partition: 2 }], generation: 7, rackId: null },
    ],
    [
      'sticky',
      '0000 00000001 0001 74 00000000',
      { topics: ['t'], owned: [], generation: -1, rackId: null },
    ],
  ])('of older members is read: %s %s', (protocol, hex, expected) => {
    const metadata = Buffer.from(hex.replaceAll(' ', ''), 'hex');
    expect(decodeSubscription(protocol, metadata)).toEqual(expected);
  });
});

it('gives an assignment back', () => {
  fc.assert(
    fc.property(partitions, (owned) => {
      expect(decodeAssignment(encodeAssignment(owned))).toEqual(owned);
    }),
  );
  expect(decodeAssignment(Buffer.alloc(0))).toEqual([]);
});
