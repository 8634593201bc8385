import { parseConfig, validateConfig } from '@tributary/sdk';
import { expect, test } from 'vitest';
import { distributedConfig } from './distributed-config.ts';

const smallest = {
  'bootstrap.servers': 'b:1',
  'key.converter': 'K',
  'value.converter': 'V',
  'group.id': 'g',
  'config.storage.topic': 'c',
  'offset.storage.topic': 'o',
  'status.storage.topic': 's',
};

const errorsOf = (config: Record<string, string>): unknown[] =>
  validateConfig(distributedConfig, { ...smallest, ...config }).flatMap((value) => value.errors);

test('a worker needs its group and three topics', () => {
  expect(errorsOf({})).toEqual([]);
  expect(() => parseConfig(distributedConfig, { ...smallest, 'group.id': undefined })).toThrow(
    'Missing required configuration "group.id" which has no default value.',
  );
});

test.each([
  [
    'offset.storage.partitions',
    '0',
    "Number of partitions must be positive, or -1 to use the broker's default",
  ],
  ['status.storage.replication.factor', '-2', /Replication factor must be positive and not larger/],
  ['inter.worker.signature.algorithm', 'rot13', /the algorithm is not supported; .*HmacSHA256/],
  ['inter.worker.verification.algorithms', '', /At least one signature verification algorithm/],
  ['inter.worker.verification.algorithms', 'HmacSHA256,rot13', /Invalid value rot13/],
  ['connect.protocol', 'Eager', /String must be one of: eager, compatible, sessioned/],
])('%s=%s is refused', (key, value, message) => {
  const [error, ...more] = errorsOf({ [key]: value });
  expect(more).toEqual([]);
  expect(error).toEqual(
    typeof message === 'string' ? expect.stringContaining(message) : expect.stringMatching(message),
  );
});

test('exactly-once support is taken in any letter case', () => {
  expect(errorsOf({ 'exactly.once.source.support': 'PREPARING' })).toEqual([]);
});
