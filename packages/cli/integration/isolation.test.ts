import { appendFile, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { brokerKinds, isAlive, startTestWorker, type TestWorker } from '@tributary/testkit';
import { describe, expect, it } from 'vitest';
import { fileSink, fileSource, pause, temporaryFolder } from './pipelines.ts';

const plugins = new URL('../../runtime/integration/fixtures', import.meta.url).pathname;

/** What a bad task does, and how its status names that; null where it may go on. */
const deeds: Readonly<Record<string, RegExp | null>> = {
  spin: /event loop stood still for .* while "spin-0" was in poll\(\) at spin/,
  exit: /process\.exit\(3\) was called while "exit-0" was in poll\(\)/,
  growMapSlowly: /heap passed the limit of \d+ MiB/,
  growBuffers: /resident memory \S+ \wiB passed the limit of \S+ \wiB/,
  floodStdout: null,
  fillThreadPool: null,
  waitInNativeCode:
    /event loop stood still for .* while "waitInNativeCode-0" was in poll\(\) at waitInNativeCode/,
};

/** Ten times what a user would put up with: several bad plugins keep two cores busy at once. */
const maxAnswerMs = 5_000;

describe.for(await brokerKinds())('plugins that misbehave, on $name', (kind) => {
  it.runIf(kind.isAvailable)(
    'all at once: REST answers, a file still flows, status names each cause',
    async () => {
      await using folder = await temporaryFolder();
      await using broker = await kind.start();
      await using pipeline = await startPipeline(folder.path, broker.bootstrapServers);
      const { worker } = pipeline;
      for (const how of Object.keys(deeds)) await worker.create(badSource(how));

      const failing = Object.keys(deeds).filter((how) => deeds[how] !== null);
      const deadline = Date.now() + 90_000;
      for (;;) {
        await pipeline.moveLine();
        const states = await Promise.all(failing.map((how) => taskState(worker, how)));
        if (states.every((state) => state === 'FAILED')) break;
        expect(Date.now(), `${failing} are ${states}`).toBeLessThan(deadline);
      }
      for (const how of failing) {
        const { body } = await worker.request('GET', `/connectors/${how}/tasks/0/status`);
        expect(body.trace).toMatch(
          /^org\.apache\.kafka\.connect\.errors\.ConnectException: Task host/,
        );
        expect(body.trace).toMatch(deeds[how] ?? /never/);
      }
      for (const name of ['lines-source', 'lines-sink']) {
        expect(await taskState(worker, name)).toBe('RUNNING');
      }
      expect(pipeline.slowestAnswerMs()).toBeLessThan(maxAnswerMs);
      await pipeline.moveLine();
    },
  );

  it.runIf(kind.isAvailable)(
    'whose hosts are killed are replaced at once: a sink does not wait for its session to expire',
    async () => {
      await using folder = await temporaryFolder();
      await using broker = await kind.start();
      await using pipeline = await startPipeline(folder.path, broker.bootstrapServers);
      await pipeline.moveLine();
      // Sooner than the 45 s after which the group would forget the dead consumer.
      for (const pid of pipeline.worker.hosts()) process.kill(pid, 'SIGKILL');
      await pipeline.moveLine();
    },
  );

  it.runIf(kind.isAvailable)(
    'end with a control process that is killed, also when they spin',
    async () => {
      await using folder = await temporaryFolder();
      await using broker = await kind.start();
      await using pipeline = await startPipeline(folder.path, broker.bootstrapServers);
      await pipeline.worker.create(badSource('spin'));
      await pipeline.moveLine();
      const hosts = pipeline.worker.hosts();
      expect(hosts.length).toBeGreaterThanOrEqual(2);
      await pipeline.worker.kill();
      const deadline = Date.now() + 30_000;
      while (hosts.some(isAlive)) {
        expect(Date.now(), `hosts ${hosts.filter(isAlive)} live on`).toBeLessThan(deadline);
        await pause(50);
      }
    },
  );
});

/** A file source and a file sink with a worker of their own, and a stopwatch on its REST API. */
async function startPipeline(folder: string, bootstrapServers: string) {
  const input = join(folder, 'in.txt');
  const output = join(folder, 'out.txt');
  await writeFile(input, '');
  const worker = await startTestWorker({
    folder,
    bootstrapServers,
    connectors: [
      fileSource(input, 'lines', { 'tributary.own.host': 'true' }),
      fileSink(output, 'lines', { 'tributary.own.host': 'true' }),
    ],
    // Small limits, so that they are soon reached.
    config: {
      'plugin.path': plugins,
      'tributary.host.heap.mb': '96',
      'tributary.host.memory.mb': '400',
      'tributary.host.stall.timeout.ms': '6000',
    },
  });
  const stopped = new AbortController();
  let slowestMs = 0;
  const watch = (async () => {
    while (!stopped.signal.aborted && worker.process.isRunning) {
      const from = performance.now();
      await worker.request('GET', '/connectors').catch(() => {});
      slowestMs = Math.max(slowestMs, performance.now() - from);
      await pause(50);
    }
  })();
  let lines = 0;
  return {
    worker,
    slowestAnswerMs: () => slowestMs,
    /** Appends a line and waits until it has come out at the other end. */
    async moveLine() {
      lines++;
      await appendFile(input, `line ${lines}\n`);
      const deadline = Date.now() + 30_000;
      while (!(await readFile(output, 'utf8').catch(() => '')).includes(`line ${lines}\n`)) {
        expect(Date.now(), `line ${lines} did not come`).toBeLessThan(deadline);
        await pause(50);
      }
    },
    async [Symbol.asyncDispose]() {
      stopped.abort();
      await watch;
      await worker.stop();
    },
  };
}

function badSource(how: string) {
  return {
    name: how,
    config: {
      'connector.class': 'test.BadSource',
      'tasks.max': '1',
      topic: 'bad',
      'bad.place': 'poll',
      'bad.how': how,
      'bad.after.ms': '500',
      'tributary.own.host': 'true',
    },
  };
}

async function taskState(worker: TestWorker, connector: string): Promise<string> {
  const { body } = await worker.request('GET', `/connectors/${connector}/status`);
  return body.tasks[0]?.state ?? 'none';
}
