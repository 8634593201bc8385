import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { knownClientKeys, parseAdmin, parseConsumer, parseProducer } from './config.ts';
import {
  adminKeys,
  consumerKeys,
  harmlessKeys,
  type KeyTable,
  producerKeys,
  refusedKeys,
} from './config-keys.ts';

import { compressionOf } from './producer/compression-of.ts';

interface Definition {
  readonly name: string;
  readonly default_value: string | null;
}

/** The keys of Java's own definition, as recorded from Apache Kafka 4.3.1. */
function recorded(name: string): Definition[] {
  const file = new URL(`../../testkit/vectors/configdef/${name}.json`, import.meta.url);
  const { keys } = JSON.parse(readFileSync(file, 'utf8')) as {
    keys: { definition: Definition }[];
  };
  return keys.map(({ definition }) => definition);
}

const logger = { error() {}, warn() {}, info() {}, debug() {} };
const servers = { 'bootstrap.servers': 'a:1' };
const clients = [
  { name: 'ProducerConfig', table: producerKeys as KeyTable, parse: parseProducer },
  { name: 'ConsumerConfig', table: consumerKeys as KeyTable, parse: parseConsumer },
  { name: 'AdminClientConfig', table: adminKeys as KeyTable, parse: parseAdmin },
];

/** Looked at by rules of their own. */
const judged = ['config.providers', 'metric.reporters'];

/** Defaults that differ: a limit where Java waits for ever, one assignor where it names two of which it uses the first, its own client id. */
const ownDefaults = [
  'sasl.login.connect.timeout.ms',
  'sasl.login.read.timeout.ms',
  'partition.assignment.strategy',
];

describe.each(clients)('of the keys of $name', ({ name, table, parse }) => {
  const definitions = recorded(name);

  it('each is read, harmless or refused', () => {
    const read = (key: string) => key in table || judged.includes(key);
    const missing = definitions
      .map((definition) => definition.name)
      .filter((key) => !read(key) && !(key in harmlessKeys) && !refusedKeys.includes(key));
    expect(missing).toEqual([]);
    const known = knownClientKeys();
    expect(definitions.filter((definition) => !known.has(definition.name))).toEqual([]);
  });

  it('those that are read have the defaults of Java', () => {
    for (const definition of definitions) {
      const [, ownDefault] = table[definition.name] ?? [];
      if (ownDefault === undefined || ownDefaults.includes(definition.name)) continue;
      expect(`${definition.name}=${ownDefault}`).toBe(
        `${definition.name}=${definition.default_value ?? ''}`,
      );
    }
  });

  it('all may be given with the defaults of Java, but for those that want something else here', () => {
    const defaults = Object.fromEntries(
      definitions
        .filter((definition) => definition.default_value !== null)
        .filter(({ name: key }) => !['enable.auto.commit', ...ownDefaults].includes(key))
        .map((definition) => [definition.name, String(definition.default_value)]),
    );
    expect(() => parse({ ...defaults, ...servers }, logger)).not.toThrow();
  });
});

describe('a key that this client does not support', () => {
  it.each(refusedKeys)('%s is refused by name', (key) => {
    expect(() => parseProducer({ ...servers, [key]: 'hunter2' }, logger)).toThrow(key);
    expect(() => parseProducer({ ...servers, [key]: '' }, logger)).not.toThrow();
  });

  it.each([
    ['client.dns.lookup', 'resolve_canonical_bootstrap_servers_only'],
    ['transaction.two.phase.commit.enable', 'true'],
    ['ssl.trustmanager.algorithm', 'Insecure'],
    ['sasl.oauthbearer.jwt.validator.class', 'com.acme.Validator'],
    ['metric.reporters', 'com.acme.Reporter'],
  ])('%s=%s is refused', (key, value) => {
    expect(() => parseProducer({ ...servers, [key]: value }, logger)).toThrow(key);
  });

  it('metric.reporters of a worker is not the affair of its admin client', () => {
    const config = { ...servers, 'metric.reporters': 'com.acme.Reporter' };
    expect(() => parseAdmin(config, logger)).not.toThrow();
  });

  it('config.providers is refused where a value refers to one', () => {
    const config = { ...servers, 'config.providers': 'file, env' };
    expect(() => parseAdmin(config, logger)).not.toThrow();
    const referring = { ...config, 'ssl.key.password': '${env:PASSWORD}' };
    expect(() => parseAdmin(referring, logger)).toThrow(/ssl\.key\.password/);
  });
});

it.each([
  ['sasl.login.refresh.window.factor', '0.4'],
  ['sasl.login.refresh.window.jitter', '0.3'],
  ['sasl.login.refresh.buffer.seconds', '3601'],
  ['sasl.login.refresh.window.factor', 'most'],
  ['max.poll.interval.ms', '0'],
])('%s=%s is out of range', (key, value) => {
  expect(() => parseConsumer({ ...servers, [key]: value }, logger)).toThrow(key);
});

it.each([
  { config: { 'compression.type': 'gzip' }, compression: { compression: 'gzip' } },
  {
    config: { 'compression.type': 'gzip', 'compression.gzip.level': '9' },
    compression: { compression: 'gzip', compressionLevel: 9 },
  },
  {
    config: { 'compression.type': 'zstd', 'compression.zstd.level': '-7' },
    compression: { compression: 'zstd', compressionLevel: -7 },
  },
  {
    config: { 'compression.type': 'lz4', 'compression.zstd.level': '9' },
    compression: { compression: 'lz4' },
  },
])('packs batches as $config says', ({ config, compression }) => {
  const given = config as unknown as Record<string, string>;
  expect(compressionOf(parseProducer({ ...servers, ...given }, logger))).toEqual(compression);
});
