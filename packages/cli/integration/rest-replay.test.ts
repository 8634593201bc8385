import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseProperties } from '@tributary/runtime';
import { freePorts, startChild, startDevBrokerProcess, startTestWorker } from '@tributary/testkit';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from './pipelines.ts';

const replayFolder = new URL('../../rest/integration/replay/', import.meta.url).pathname;

/**
 * Steps whose recorded answer this version cannot give, each with what is missing. The list only shrinks: a step that agrees with its recording must leave it.
 */
const missing = {
  'mirror connectors are not there': [
    'plugins step 1',
    'plugins step 2',
    'plugins step 3',
    'plugins step 4',
    'plugins step 5',
    'plugins step 6',
    'plugins step 7',
  ],
};

/** How many recorded scenarios are for standalone mode with one worker; a replay that skips some proves nothing. */
const profiles = { base: 25, restricted: 1, closed: 1 };

describe.each(Object.entries(profiles))('the recordings of profile "%s"', (profile, scenarios) => {
  it('are answered as the Java worker answered them', async () => {
    await using folder = await temporaryFolder();
    await using broker = await startDevBrokerProcess();
    const [port, adminPort] = await freePorts(2);
    await using worker = await startTestWorker({
      folder: folder.path,
      bootstrapServers: broker.bootstrapServers,
      ...(port === undefined ? {} : { port }),
      config: await workerConfig(profile, folder.path, {
        bootstrapServers: broker.bootstrapServers,
        url: `http://127.0.0.1:${port}`,
        adminUrl: `http://127.0.0.1:${adminPort}`,
      }),
    });
    const adminUrl = profile === 'restricted' ? `http://127.0.0.1:${adminPort}` : worker.url;
    const output = await replay([
      '--url',
      worker.url,
      '--admin-url',
      adminUrl,
      '--mode',
      'standalone',
      '--profile',
      profile,
      '--scratch',
      folder.path,
    ]);
    const ran = [...output.matchAll(/^(?:pass|FAIL) (\S+) \(\d+ of \d+ steps/gm)];
    expect(ran.length).toBe(scenarios);
    const differing = [...output.matchAll(/^FAIL (\S+ (?:step \d+|tear-down)):/gm)].map(
      (m) => m[1],
    );
    const names = new Set(ran.map((match) => match[1]));
    const known = Object.values(missing).flat();
    const expected = known.filter((step) => names.has(step.split(' ')[0]));
    expect(differing.toSorted(), output).toEqual(expected.toSorted());
  }, 60_000);
});

async function workerConfig(
  profile: string,
  folder: string,
  addresses: { bootstrapServers: string; url: string; adminUrl: string },
): Promise<Record<string, string>> {
  const name = profile === 'base' ? 'standalone' : `${profile}-standalone`;
  const recorded = parseProperties(
    await readFile(join(replayFolder, `workers/${name}.properties`)),
  );
  return {
    ...recorded,
    'bootstrap.servers': addresses.bootstrapServers,
    listeners: addresses.url,
    'offset.storage.file.filename': join(folder, 'connect.offsets'),
    ...(recorded['admin.listeners'] ? { 'admin.listeners': addresses.adminUrl } : {}),
  };
}

/** Resolves with what the tool printed. */
async function replay(args: readonly string[]): Promise<string> {
  await using tool = startChild(process.execPath, [
    join(replayFolder, 'replay.mjs'),
    ...args,
    join(replayFolder, 'scenarios'),
  ]);
  await tool.waitFor(/^\d+ passed, \d+ failed$/m, 55_000);
  await tool.exited;
  return tool.output;
}
