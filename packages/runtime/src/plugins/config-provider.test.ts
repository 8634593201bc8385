import { ConfigError } from '@tributary/sdk';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createLogger } from '../logging.ts';
import {
  type ConfigProviders,
  createConfigProviders,
  isConfigProvider,
  resolveConfig,
  resolveWorkerConfig,
} from './config-provider.ts';

const vault: ConfigProviders = new Map([
  [
    'vault',
    {
      get: async (path: string) => ({
        data: { user: 'ada', password: 'correct horse', path } as Record<string, string>,
        ttlMs: path === 'brief' ? 5000 : null,
      }),
    },
  ],
]);

describe('resolveConfig', () => {
  test('replaces references and says how long their values count', async () => {
    const config = {
      url: 'db://${vault:p:user}:${vault:p:password}@host',
      x: '${vault:brief:user}',
    };
    const { config: found, ttls } = await resolveConfig(config, vault);
    expect(found).toEqual({ url: 'db://ada:correct horse@host', x: 'ada' });
    expect([...ttls]).toEqual([['brief', 5000]]);
    expect(config.x).toBe('${vault:brief:user}');
  });

  test('asks each provider once per path, for all keys of the config', async () => {
    const asked: unknown[] = [];
    const providers: ConfigProviders = new Map([
      [
        'p',
        {
          async get(path: string, keys: readonly string[] | null) {
            asked.push([path, keys]);
            return { data: {}, ttlMs: null };
          },
        },
      ],
    ]);
    await resolveConfig(
      { a: '${p:x:1}${p:x:2}', b: '${p:x:1}', c: '${p:3}', d: '${q:4}' },
      providers,
    );
    expect(asked).toEqual([
      ['x', ['1', '2']],
      ['', ['3']],
    ]);
  });

  test('takes no entry that objects have by nature', async () => {
    const { config } = await resolveConfig({ a: '${vault:p:constructor}' }, vault);
    expect(config).toEqual({ a: '${vault:p:constructor}' });
  });

  test('hides values in texts, the longest first, but not what is too short to be one', async () => {
    const providers: ConfigProviders = new Map([
      [
        'p',
        { get: async () => ({ data: { a: 'secret', b: 'secret-and-more', c: '1' }, ttlMs: null }) },
      ],
    ]);
    const found = await resolveConfig({ a: '${p:a}', b: '${p:b}', c: '${p:c}' }, providers);
    expect(found.hide('refused secret-and-more for secret 1')).toBe('refused ${p:b} for ${p:a} 1');
  });

  test('gives a config that was made from it its references back', async () => {
    const found = await resolveConfig(
      { login: '${vault:p:password}', n: '${vault:p:user}' },
      vault,
    );
    const made = { login: 'correct horse', jdbc: 'x?password=correct horse', n: 'ada', m: 'ada' };
    expect(found.restore(made)).toEqual({
      login: '${vault:p:password}',
      jdbc: 'x?password=${vault:p:password}',
      n: '${vault:p:user}',
      m: 'ada',
    });
  });

  test('resolving what was restored gives the same again, whatever the values', async () => {
    const value = fc.string({ unit: 'binary' }).filter((text) => !text.includes('${'));
    await fc.assert(
      fc.asyncProperty(value, value, value, async (a, b, other) => {
        const providers: ConfigProviders = new Map([
          ['p', { get: async () => ({ data: { a, b }, ttlMs: null }) }],
        ]);
        const found = await resolveConfig({ a: '${p:a}', b: 'x${p:b}y' }, providers);
        const made = { ...found.config, both: `${a}${other}${b}` };
        const again = await resolveConfig(found.restore(made), providers);
        expect(again.config).toEqual(made);
      }),
    );
  });
});

describe('createConfigProviders', () => {
  const lines: string[] = [];
  const logger = createLogger({ write: (line) => lines.push(line) });
  const create = (config: Record<string, string>) =>
    createConfigProviders(config, { environment: { HOME: '/home/ada' }, logger });

  test('makes those that are listed, by alias or class name', async () => {
    const providers = create({
      'config.providers': 'env, dir',
      'config.providers.env.class': 'org.apache.kafka.common.config.provider.EnvVarConfigProvider',
      'config.providers.dir.class': 'Directory',
      'config.providers.unlisted.class': 'File',
    });
    expect([...providers.keys()]).toEqual(['env', 'dir']);
    expect((await resolveConfig({ a: '${env:HOME}' }, providers)).config).toEqual({
      a: '/home/ada',
    });
  });

  test('leaves one without class out, and says so', () => {
    expect(create({ 'config.providers': 'nobody' }).size).toBe(0);
    expect(lines.join('')).toContain('config.providers.nobody.class');
  });

  test.each([
    ['com.acme.Vault', /config\.providers\.p\.class.*Could not load config provider class/],
    ['toString', /Could not load config provider class/],
  ])('refuses the class %s', (className, message) => {
    const config = { 'config.providers': 'p', 'config.providers.p.class': className };
    expect(() => create(config)).toThrow(message);
    expect(() => create(config)).toThrow(ConfigError);
  });

  test.each(['0', '999', 'soon', '1.5'])('refuses a time to live of %s', (ttl) => {
    expect(() =>
      create({
        'config.providers': 'p',
        'config.providers.p.class': 'File',
        'config.providers.p.param.ttl.ms': ttl,
      }),
    ).toThrow(/ttl\.ms/);
  });
});

test('a worker config is resolved without its providers, and plugin.path stays as it is', async () => {
  const { config, replaced } = await resolveWorkerConfig(
    {
      'config.providers': 'vault',
      'config.providers.vault.param.token': 'abc',
      'producer.sasl.jaas.config': 'password="${vault:p:password}"',
      'plugin.path': '/x/${vault:p:user}',
    },
    vault,
  );
  expect(config).toEqual({
    'producer.sasl.jaas.config': 'password="correct horse"',
    'plugin.path': '/x/${vault:p:user}',
  });
  expect(replaced.get('${vault:p:password}')).toBe('correct horse');
});

test('knows the names of config providers', () => {
  expect(['File', 'FileConfigProvider', 'EnvVar', 'Directory'].every(isConfigProvider)).toBe(true);
  expect(['FileStreamSource', 'ConfigProvider', 'constructor'].some(isConfigProvider)).toBe(false);
});
