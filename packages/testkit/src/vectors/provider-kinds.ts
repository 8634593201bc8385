import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import {
  type ConfigProviders,
  createConfigProvider,
  parseProperties,
  resolveConfig,
} from '@tributary/runtime';
import type { Adapter, VectorInput } from './vector-file.ts';

export const providerKinds: Record<string, Adapter> = {
  'config-providers': runProvider,
  'config-transformer': runTransformer,
  'properties-files': (input) => parseProperties(Buffer.from(input.bytes, 'base64')),
};

const environment = { ORACLE_TEST_ENV: 'from-environment', ORACLE_OTHER_ENV: 'other' };
const silent = { debug() {}, info() {}, warn() {}, error() {} };

/** `@root@` stands for the folder that holds the files. */
async function runProvider(input: VectorInput): Promise<unknown> {
  const root = await mkdtemp(join(tmpdir(), 'provider-'));
  const rooted = (text: string): string => text.replaceAll('@root@', root);
  try {
    for (const [name, text] of Object.entries<string>(input.files ?? {})) {
      await mkdir(dirname(join(root, name)), { recursive: true });
      await writeFile(join(root, name), text);
    }
    const params = Object.fromEntries(
      Object.entries<string>(input.config).map(([key, value]) => [key, rooted(value)]),
    );
    const context = { params, environment, logger: silent as never };
    const provider = createConfigProvider(input.class, context);
    if (provider === null) throw new Error(`No config provider "${input.class}"`);
    const { data, ttlMs } = await provider.get(rooted(input.path ?? ''), input.keys ?? null);
    return { data, ttl: ttlMs };
  } catch (error) {
    if (error instanceof Error) error.message = error.message.replaceAll(root, '@root@');
    throw error;
  } finally {
    await rm(root, { recursive: true });
  }
}

/** Tables by provider and path; provider `q` has a time to live. */
async function runTransformer(input: VectorInput): Promise<unknown> {
  const tables = Object.entries<Record<string, Record<string, string>>>(input.tables);
  const providers: ConfigProviders = new Map(
    tables.map(([name, paths]) => [
      name,
      {
        get: async (path: string) => ({
          data: paths[path] ?? {},
          ttlMs: name === 'q' ? 60_000 : null,
        }),
      },
    ]),
  );
  const { config, ttls } = await resolveConfig(input.config, providers);
  return { data: config, ttls: Object.fromEntries(ttls) };
}
