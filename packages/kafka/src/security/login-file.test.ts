import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseJaasConfig } from './jaas.ts';
import { systemProperty } from './java-options.ts';
import { readClientLogin } from './login-file.ts';

describe('a system property of the JVM', () => {
  it.each([
    ['-Da.b=c', 'c'],
    ['-Xmx1g -Da.b=/x/y.z -Dd=e', '/x/y.z'],
    ['-Da.b="x y" -Dd=e', 'x y'],
    ['"-Da.b=x y" -Dd=e', 'x y'],
    ['-Da.b=c -Da.b=d', 'd'],
    ['-Da.bc=c', undefined],
    ['-Daxb=c', undefined],
    ['-Dz-Da.b=c', undefined],
  ])('is found in %s', (options, value) => {
    expect(systemProperty({ KAFKA_OPTS: options }, 'a.b')).toBe(value);
    expect(systemProperty({ JAVA_TOOL_OPTIONS: options }, 'a.b')).toBe(value);
  });
});

describe('the login of clients in a login configuration file', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tributary-login-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  async function environmentWith(text: string): Promise<NodeJS.ProcessEnv> {
    const file = join(folder, 'login.conf');
    await writeFile(file, text);
    return { KAFKA_OPTS: `-Djava.security.auth.login.config=${file}` };
  }

  it('is what sasl.jaas.config would have said', async () => {
    const options = { username: 'u', password: 'a"b\\c d\n;' };
    const environment = await environmentWith(
      'KafkaServer { x.Y required; };\nKafkaClient {\n a.B required username=u password="a\\"b\\\\c d\\n;";\n};',
    );
    const login = readClientLogin(environment) ?? '';
    expect(parseJaasConfig(login)).toEqual({ loginModule: 'a.B', options });
  });

  it('is none without a file, and without an entry', async () => {
    expect(readClientLogin({})).toBeNull();
    expect(readClientLogin(await environmentWith('KafkaServer { x.Y required; };'))).toBeNull();
  });

  it.each([
    ['KafkaClient { a.B required password="hunter2"; c.D required; };', 'more than one module'],
    ['KafkaClient { a.B required password="hunter2" };', 'has a mistake'],
  ])('is refused without showing a value: %s', async (text, problem) => {
    const environment = await environmentWith(text);
    expect(() => readClientLogin(environment)).toThrow(problem);
    expect(() => readClientLogin(environment)).not.toThrow('hunter2');
    const missing = { KAFKA_OPTS: '-Djava.security.auth.login.config=/no/such' };
    expect(() => readClientLogin(missing)).toThrow('"/no/such"');
  });
});
