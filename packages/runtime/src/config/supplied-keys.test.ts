import { defineConfig, string } from '@tributary/sdk';
import { expect, test } from 'vitest';
import { unknownConnectorKeys, unknownKeys } from './supplied-keys.ts';

const def = defineConfig(string('offset.storage.file.filename', { doc: 'File.' }));
const clientKeys = new Set(['client.id']);

const unknownOf = (...keys: string[]) =>
  unknownKeys(Object.fromEntries(keys.map((key) => [key, '1'])), [def], clientKeys);

test('names the keys that nobody reads, in their order', () => {
  expect(
    unknownOf('ofset.storage.file.filename', 'offset.storage.file.filename', 'client.ids'),
  ).toEqual(['ofset.storage.file.filename', 'client.ids']);
});

test('knows what the worker itself and its Kafka clients read', () => {
  expect(unknownOf('offset.storage.file.filename', 'client.id')).toEqual([]);
});

test.each([
  'producer.linger.ms',
  'consumer.group.id',
  'admin.retries',
  'key.converter.schemas.enable',
  'value.converter.schemas.enable',
  'header.converter.x',
  'config.providers.file.class',
  'metrics.context.cluster',
  'listeners.https.ssl.protocol',
  'admin.listeners.https.ssl.protocol',
])('leaves %s to whom it is handed on', (key) => {
  expect(unknownOf(key)).toEqual([]);
});

test('is not misled by a family name that lacks its dot', () => {
  expect(unknownOf('producer', 'producers.x')).toEqual(['producer', 'producers.x']);
});

test('does not name keys that Java reads without declaring them', () => {
  expect(unknownOf('connector.client.config.override.allowlist', 'internal.key.converter')).toEqual(
    [],
  );
});

test('names the keys of a connector that no definition declares', () => {
  const config = {
    file: 'a',
    fiel: 'b',
    'transforms.x.fields': 'c',
    'transform.x.fields': 'd',
    'producer.override.linger.ms': '1',
    'producer.override.lingre.ms': '1',
    'consumer.override.max.poll.records': '1',
    'topic.creation.groups': 'logs, more',
    'topic.creation.default.partitions': '1',
    'topic.creation.more.cleanup.policy': 'compact',
    'topic.creation.lost.partitions': '1',
  };
  const declared = new Set(['file', 'transforms.x.fields', 'topic.creation.groups']);
  expect(unknownConnectorKeys(config, declared)).toEqual([
    'fiel',
    'transform.x.fields',
    'producer.override.lingre.ms',
    'topic.creation.lost.partitions',
  ]);
});
