import { describe, expect, test } from 'vitest';
import {
  type ClientConfigFacts,
  connectorAdminConfig,
  deadLetterAdminConfig,
  deadLetterProducerConfig,
  sinkConsumerConfig,
  sourceAdminConfig,
  sourceProducerConfig,
  workerAdminConfig,
} from './client-configs.ts';

const worker = {
  'bootstrap.servers': 'b:9092',
  'security.protocol': 'SSL',
  'producer.linger.ms': '7',
  'consumer.max.poll.records': '8',
  'admin.retries': '9',
  'metrics.context.site': 'north',
};

function facts(
  connectorConfig: Record<string, string> = {},
  workerConfig: Record<string, string> = worker,
): ClientConfigFacts {
  return { connector: 'c', task: 1, workerConfig, connectorConfig, kafkaClusterId: 'k' };
}

describe('producers', () => {
  test('lose and reorder nothing unless they are told to', () => {
    expect(sourceProducerConfig(facts())).toMatchObject({
      acks: 'all',
      'max.in.flight.requests.per.connection': '1',
      'delivery.timeout.ms': '2147483647',
      'max.block.ms': '9223372036854775807',
      'client.id': 'connector-producer-c-1',
    });
  });

  test("take the worker's producer keys, then the connector's", () => {
    const config = sourceProducerConfig(facts({ 'producer.override.linger.ms': '1' }));
    expect(config['linger.ms']).toBe('1');
    expect(sourceProducerConfig(facts())['linger.ms']).toBe('7');
  });

  test('send large batches unless they are told to', () => {
    expect(sourceProducerConfig(facts())['batch.size']).toBe('131072');
    const config = sourceProducerConfig(facts({ 'producer.override.batch.size': '16384' }));
    expect(config['batch.size']).toBe('16384');
  });

  test("take only the brokers from the worker's own keys", () => {
    const config = sourceProducerConfig(facts());
    expect(config['bootstrap.servers']).toBe('b:9092');
    expect(config).not.toHaveProperty('security.protocol');
    expect(config['metrics.context.site']).toBe('north');
    expect(config['metrics.context.connect.kafka.cluster.id']).toBe('k');
  });

  test('of a dead letter queue differ in their name', () => {
    expect(deadLetterProducerConfig(facts())['client.id']).toBe('connector-dlq-producer-c-1');
  });
});

test('consumers commit nothing by themselves and begin at the earliest record', () => {
  expect(sinkConsumerConfig(facts({ 'consumer.override.max.poll.records': '1' }))).toMatchObject({
    'group.id': 'connect-c',
    'client.id': 'connector-consumer-c-1',
    'enable.auto.commit': 'false',
    'auto.offset.reset': 'earliest',
    'max.poll.records': '1',
  });
  expect(sinkConsumerConfig(facts({ 'consumer.override.group.id': 'g' }))['group.id']).toBe('g');
});

describe('admin clients', () => {
  test("take the worker's own keys, too, but no others of its clients", () => {
    const config = sourceAdminConfig(facts({ 'admin.override.retries': '2' }));
    expect(config).toMatchObject({ 'security.protocol': 'SSL', retries: '2' });
    expect(Object.keys(config).filter((key) => /^(producer|consumer|admin)\./.test(key))).toEqual(
      [],
    );
    expect(deadLetterAdminConfig(facts())['retries']).toBe('9');
  });

  test('of the worker are named after it', () => {
    expect(workerAdminConfig(worker)['client.id']).toBe('connect-shared-admin');
    expect(workerAdminConfig({ 'client.id': 'x', 'group.id': 'g' })['client.id']).toBe(
      'g-x-shared-admin',
    );
    expect(connectorAdminConfig('c', {}, worker)['client.id']).toBe(
      'connector-worker-adminclient-c',
    );
  });
});

describe('an override that the policy forbids', () => {
  const strict = { ...worker, 'connector.client.config.override.policy': 'None' };
  const config = {
    'producer.override.acks': '0',
    'consumer.override.group.id': 'g',
    'admin.override.retries': '1',
  };

  test.each([
    ['producer', () => sourceProducerConfig(facts(config, strict))],
    ['dead letter producer', () => deadLetterProducerConfig(facts(config, strict))],
    ['consumer', () => sinkConsumerConfig(facts(config, strict))],
    ['admin client', () => sourceAdminConfig(facts(config, strict))],
    ['admin client of the worker', () => connectorAdminConfig('c', config, strict)],
  ])('makes no %s, although the config was accepted once', (_, make) => {
    expect(make).toThrow(/^Client Config Overrides not allowed: The 'None' policy/);
  });

  test('of another client hinders none', () => {
    const others = { 'consumer.override.group.id': 'g' };
    expect(sourceProducerConfig(facts(others, strict))['acks']).toBe('all');
  });
});
