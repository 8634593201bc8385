import { ConfigError } from '@tributary/sdk';
import { describe, expect, test } from 'vitest';
import {
  parseTaskConfig,
  subscriptionOf,
  tolerancePolicyOf,
  tooManyTasks,
  topicGroupsOf,
} from './task-config.ts';

describe('subscriptionOf', () => {
  test('names topics once each, without blanks', () => {
    expect(subscriptionOf({ topics: ' a, b ,a' })).toEqual(['a', 'b']);
  });

  test('takes a pattern for whole names, as a regular expression of Java', () => {
    const pattern = subscriptionOf({ 'topics.regex': '[a-c&&[^b]]+' }) as RegExp;
    expect(['ac', 'xac', 'acx', 'ab'].filter((topic) => pattern.test(topic))).toEqual(['ac']);
  });

  test.each([
    [{ topics: 'a', 'topics.regex': 'b' }, 'mutually exclusive'],
    [{ topics: ' ' }, 'Must configure one of topics or topics.regex'],
    [{ 'topics.regex': '(' }, 'Unclosed group'],
  ])('refuses %j', (config, message) => {
    expect(() => subscriptionOf(config)).toThrow(message);
  });
});

describe('topicGroupsOf', () => {
  const defaults = {
    'topic.creation.default.replication.factor': '-1',
    'topic.creation.default.partitions': '3',
  };

  test('is null without any such key: topics are left to the brokers', () => {
    expect(topicGroupsOf({ topic: 't' })).toBeNull();
  });

  test('the default group takes every topic, with what is not its own passed to the topic', () => {
    const [group, ...more] =
      topicGroupsOf({ ...defaults, 'topic.creation.default.cleanup.policy': 'compact' }) ?? [];
    expect(more).toEqual([]);
    expect(group).toMatchObject({
      name: 'default',
      replicationFactor: -1,
      partitions: 3,
      configs: { 'cleanup.policy': 'compact' },
    });
    expect(group?.matches('anything')).toBe(true);
  });

  test('groups come in their order before the default, with its counts but not its configs', () => {
    const groups =
      topicGroupsOf({
        ...defaults,
        'topic.creation.default.cleanup.policy': 'compact',
        'topic.creation.groups': 'logs, big',
        'topic.creation.logs.include': 'log-.*,trace',
        'topic.creation.logs.exclude': 'log-x',
        'topic.creation.big.include': '.*',
        'topic.creation.big.partitions': '12',
        'topic.creation.big.retention.ms': '1',
      }) ?? [];
    expect(groups.map((group) => group.name)).toEqual(['logs', 'big', 'default']);
    expect(groups.map((group) => group.partitions)).toEqual([3, 12, 3]);
    expect(groups.map((group) => group.replicationFactor)).toEqual([-1, -1, -1]);
    expect(groups[1]?.configs).toEqual({ 'retention.ms': '1' });
    expect(groups[0]?.configs).toEqual({});
    const first = (topic: string) => groups.find((group) => group.matches(topic))?.name;
    expect(['log-a', 'trace', 'log-x', 'other'].map(first)).toEqual(['logs', 'logs', 'big', 'big']);
  });

  test.each([
    [
      { 'topic.creation.default.partitions': '1' },
      'Missing required configuration "topic.creation.default.replication.factor" which has no default value.',
    ],
    [
      { ...defaults, 'topic.creation.default.partitions': '0' },
      /configuration topic\.creation\.default\.partitions: Number of partitions must be positive, or -1 to use the broker's default$/,
    ],
    [{ ...defaults, 'topic.creation.default.partitions': 'x' }, ConfigError],
    [{ ...defaults, 'topic.creation.default.replication.factor': '-2' }, ConfigError],
  ])('refuses %j', (config, problem) => {
    expect(() => topicGroupsOf(config)).toThrow(problem);
  });
});

test('errors.* keys decide what is tolerated', () => {
  expect(tolerancePolicyOf(parseTaskConfig({}))).toEqual({
    toleratesAll: false,
    retryTimeoutMs: 0,
    retryMaxDelayMs: 60_000,
  });
  const config = {
    'errors.tolerance': 'all',
    'errors.retry.timeout': '-1',
    'errors.retry.delay.max.ms': '5',
  };
  expect(tolerancePolicyOf(parseTaskConfig(config))).toEqual({
    toleratesAll: true,
    retryTimeoutMs: -1,
    retryMaxDelayMs: 5,
  });
});

test('more tasks than tasks.max are told with both numbers', () => {
  expect(tooManyTasks('c', 2, 2)).toBeNull();
  expect(tooManyTasks('c', 3, 2)).toMatch(
    /^The connector c has generated 3 tasks, which is greater than 2,/,
  );
});
