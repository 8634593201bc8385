import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConfigError } from '@tributary/sdk';
import { expect, test } from 'vitest';
import { createLogger } from '../logging.ts';
import { prepareWorkerConfig } from './config-resolver.ts';
import { HiddenValues } from './hidden-values.ts';

const environment = { TOKEN: 'open sesame', KEY: '[a-z]{2}$' };

async function prepare(properties: Record<string, string>, more: NodeJS.ProcessEnv = {}) {
  const lines: string[] = [];
  const prepared = await prepareWorkerConfig(
    {
      'config.providers': 'env',
      'config.providers.env.class': 'EnvVarConfigProvider',
      ...properties,
    },
    {
      environment: { ...environment, ...more },
      logger: createLogger({ write: (line) => lines.push(line) }),
    },
  );
  return { ...prepared, lines };
}

test('no line of the log shows a value of the worker config or of a connector', async () => {
  const { logger, resolver, lines } = await prepare({
    'producer.sasl.jaas.config': '${env:TOKEN}',
  });
  const { config } = await resolver.resolve({ key: '${env:KEY}' });
  expect(config).toEqual({ key: '[a-z]{2}$' });
  const cause = new Error('not open sesame');
  logger.child({ context: '[c|worker] ' }).warn('tried [a-z]{2}$', new Error('no', { cause }));
  expect(lines.join('')).toContain('[c|worker] tried ${env:KEY}');
  expect(lines.join('')).toContain('not ${env:TOKEN}');
  expect(lines.join('')).not.toMatch(/sesame|a-z/);
});

test('an error quotes no value, neither in its message nor in its stack', async () => {
  const { resolver } = await prepare({ 'rest.advertised.port': '${env:TOKEN}' });
  const error = new ConfigError('rest.advertised.port', 'open sesame', 'Not a number of type INT');
  const shown = resolver.withoutValues(error) as Error;
  expect(shown).toBe(error);
  expect(shown.message).toContain('${env:TOKEN}');
  expect(`${shown.stack}`).not.toContain('sesame');
});

test('a value is hidden as config parsing makes it, too: without blanks around it, and part by part of a list', () => {
  const hidden = new HiddenValues();
  hidden.add(
    new Map([
      ['${f:a}', '  hunter2secret '],
      ['${f:b}', 'alpha1secret, beta2secret,x'],
    ]),
  );
  const text = hidden.hide('Invalid value hunter2secret, url alpha1secret and beta2secret, x');
  expect(text).toBe('Invalid value ${f:a}, url ${f:b} and ${f:b}, x');
  const whole = new HiddenValues({ hidesForms: false });
  whole.add(new Map([['${f:b}', 'alpha1secret,beta2secret']]));
  expect(whole.hide('alpha1secret')).toBe('alpha1secret');
});

test('a logger without secrets logs as before', async () => {
  const { logger, lines } = await prepare({});
  logger.info('hello');
  expect(lines.join('')).toContain('INFO hello');
});

test('the last of many values stay hidden', () => {
  const hidden = new HiddenValues();
  for (let i = 0; i < 10_500; i++) hidden.add(new Map([[`\${p:${i}}`, `value-${i}-end`]]));
  expect(hidden.hide('value-10499-end value-0-end')).toBe('${p:10499} value-0-end');
});

test('clients without a login of their own take the one of the login configuration file', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'tributary-login-'));
  try {
    const file = join(folder, 'login.conf');
    await writeFile(file, 'KafkaClient { a.B required password="x"; };\n');
    const options = { KAFKA_OPTS: `-Djava.security.auth.login.config=${file}` };
    const { config } = await prepare({ 'producer.sasl.jaas.config': 'c.D required;' }, options);
    expect(config).toMatchObject({
      'sasl.jaas.config': 'a.B required password="x";',
      'producer.sasl.jaas.config': 'c.D required;',
      'consumer.sasl.jaas.config': 'a.B required password="x";',
      'admin.sasl.jaas.config': 'a.B required password="x";',
    });
    const missing = { KAFKA_OPTS: `-Djava.security.auth.login.config=${file}x` };
    await expect(prepare({}, missing)).rejects.toThrow(`${file}x`);
  } finally {
    await rm(folder, { recursive: true });
  }
});
