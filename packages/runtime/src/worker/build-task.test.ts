import type { DeliveryListener } from '@tributary/kafka';
import { ConnectError, SourceRecord, type SourceTaskContext } from '@tributary/sdk';
import { describe, expect, test } from 'vitest';
import type { HostEvent, HostSettings, TaskRun } from '../hosts/messages.ts';
import { createLogger } from '../logging.ts';
import { FakeClock, settle } from '../testing/fake-clock.ts';
import { type TestPlugin, testLoader } from '../testing/test-plugins.ts';
import { buildTask } from './build-task.ts';
import type { TaskDeps } from './task-deps.ts';

describe('a task that is built', () => {
  test('is started with its own config and tells that it runs', async () => {
    const { build, events, started, stop } = setUp();
    const task = await build();
    await settle();
    expect(task.version).toBe('1');
    expect(started).toEqual([{ n: '1' }]);
    expect(events).toEqual([{ kind: 'taskStatus', runId: 5, state: 'RUNNING' }]);
    await stop(task);
    expect(events.at(-1)).toMatchObject({ state: 'UNASSIGNED' });
  });

  test('closes converters and clients when it ends', async () => {
    const { build, open, stop } = setUp();
    const task = await build();
    await settle();
    expect(open()).not.toEqual([]);
    await stop(task);
    expect(open()).toEqual([]);
  });

  test('reads offsets of its own connector only, and none once it is cancelled', async () => {
    const { build, context, asked, abandon } = setUp();
    const task = await build();
    await settle();
    const { offsetStorageReader } = context();
    await offsetStorageReader.offset({ file: 'a' });
    expect(asked).toEqual([['c', [{ file: 'a' }]]]);
    await abandon(task);
    await expect(offsetStorageReader.offset({ file: 'a' })).rejects.toThrow('task was cancelled');
  });

  test('tells a topic once, and again after its topics are forgotten', async () => {
    const { build, events, stop, produce } = setUp();
    const task = await build();
    await produce();
    await produce();
    task.forgetTopics();
    await produce();
    await stop(task);
    expect(events.filter((event) => event.kind === 'topicUsed')).toEqual([
      { kind: 'topicUsed', connector: 'c', topic: 't' },
      { kind: 'topicUsed', connector: 'c', topic: 't' },
    ]);
  });
});

describe('a task that cannot be built leaves nothing open:', () => {
  test.each([
    ['no such class', { 'connector.class': 'test.Nope' }, /which name matches test\.Nope/],
    ['no such converter', { 'value.converter': 'test.Nope' }, /which name matches test\.Nope/],
    ['no such transformation', { transforms: 'a', 'transforms.a.type': 'x' }, /Transformation/],
    ['a wrong number', { 'tasks.max': 'x' }, /Not a number of type INT/],
    ['a forbidden override', { 'producer.override.acks': '0' }, /Overrides not allowed/],
    [
      'half of the topic settings',
      { 'topic.creation.default.partitions': '1' },
      /replication\.factor/,
    ],
  ])('%s', async (_, changes, message) => {
    const { build, open, events } = setUp();
    await expect(build(changes)).rejects.toThrow(message);
    expect(open()).toEqual([]);
    expect(events).toEqual([]);
  });

  test('more tasks than allowed, where that is enforced', async () => {
    const { build, lines } = setUp();
    await expect(build({ 'tasks.max': '1' })).rejects.toMatchObject({ code: 'TRB_TOO_MANY_TASKS' });
    const task = await build({ 'tasks.max': '1', 'tasks.max.enforce': 'false' });
    expect(lines.join('')).toContain('WARN The connector c has generated 2 tasks');
    await task.stop(1000);
  });

  test('no producer', async () => {
    const { build, open } = setUp({ producerError: new ConnectError('bad acks') });
    await expect(build()).rejects.toThrow('bad acks');
    expect(open()).toEqual([]);
  });
});

function setUp(facts: { producerError?: Error } = {}) {
  const events: HostEvent[] = [];
  const lines: string[] = [];
  const started: unknown[] = [];
  const asked: unknown[] = [];
  const opened = new Set<string>();
  let context: SourceTaskContext | undefined;
  let produceNext: ((record: SourceRecord) => void) | undefined;
  let isStuck = false;
  const clock = new FakeClock();
  const opening = (name: string, more: object = {}) => {
    opened.add(name);
    return { ...more, close: async () => void opened.delete(name) };
  };
  const task = {
    initialize(given: SourceTaskContext) {
      context = given;
    },
    start: (config: unknown) => void started.push(config),
    poll: (signal: AbortSignal) =>
      new Promise((resolve) => {
        produceNext = (record) => resolve([record]);
        signal.addEventListener('abort', () => isStuck || resolve(null), { once: true });
      }),
    stop() {},
  };
  const converter: TestPlugin = {
    className: 'test.Text',
    type: 'converter',
    create: () => opening('converter', { configure() {}, fromConnectData: () => null }),
  };
  const plugins: TestPlugin[] = [
    converter,
    { ...converter, type: 'header_converter' },
    { className: 'test.Source', type: 'source', createTask: () => task },
  ];
  const deps: TaskDeps = {
    settings: {
      workerConfig: {
        'key.converter': 'test.Text',
        'value.converter': 'test.Text',
        'header.converter': 'test.Text',
        'connector.client.config.override.policy': 'None',
      },
      kafkaClusterId: 'k',
    } as unknown as HostSettings,
    plugins: testLoader(plugins),
    offsets: {
      async read(connector, partitions) {
        asked.push([connector, partitions]);
        return partitions.map(() => null);
      },
      write: async () => {},
    },
    logger: createLogger({ write: (line) => lines.push(line) }),
    clock,
    emit: (event) => events.push(event),
    createProducer: () => {
      if (facts.producerError !== undefined) throw facts.producerError;
      return opening('producer', {
        flush: async () => {},
        whenWritable: async () => {},
        send(_records: unknown, first: number, listener: DeliveryListener) {
          listener.delivered(first, 1, { topic: 't', partition: 0 }, 0n, -1);
          return 1;
        },
      }) as never;
    },
    createConsumer: () => opening('consumer') as never,
    createAdmin: () => opening('admin') as never,
  };
  const run: TaskRun = {
    runId: 5,
    connector: 'c',
    task: 1,
    connectorConfig: { name: 'c', 'connector.class': 'test.Source', 'tasks.max': '2' },
    taskConfig: { n: '1' },
    taskCount: 2,
    targetState: 'STARTED',
  };
  return {
    events,
    lines,
    started,
    asked,
    clock,
    open: () => [...opened],
    context: () => context as SourceTaskContext,
    build: (changes: Record<string, string> = {}) =>
      buildTask({ ...run, connectorConfig: { ...run.connectorConfig, ...changes } }, deps),
    async stop(built: Awaited<ReturnType<typeof buildTask>>) {
      const stopping = built.stop(1000);
      await settle();
      await clock.advance(0);
      await stopping;
      await built.done;
    },
    /** The task does not come back from its poll. */
    async abandon(built: Awaited<ReturnType<typeof buildTask>>) {
      isStuck = true;
      const stopping = built.stop(1000);
      await clock.advance(1000);
      expect(await stopping).toEqual({ isClean: false });
    },
    async produce() {
      await settle();
      produceNext?.(new SourceRecord({}, {}, 't', null, null, null, null, null, null));
      await settle();
    },
  };
}
