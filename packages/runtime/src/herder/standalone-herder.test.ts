import { ConnectError, NotFoundError } from '@tributary/sdk';
import { describe, expect, test } from 'vitest';
import type { HostPool, HostPoolListener } from '../hosts/host-pool-api.ts';
import type { Config, ConnectorRun, TaskRun } from '../hosts/messages.ts';
import { createLogger } from '../logging.ts';
import { type ConfigProviders, resolveConfig } from '../plugins/config-provider.ts';
import { PluginRegistry } from '../plugins/plugin-registry.ts';
import { MemoryConfigStore } from '../storage/config-store.ts';
import { MemoryOffsetStore } from '../storage/memory-offset-store.ts';
import { MemoryStatusStore } from '../storage/status-store.ts';
import { FakeClock, settle } from '../testing/fake-clock.ts';
import { Worker } from '../worker/worker.ts';
import { StandaloneHerder } from './standalone-herder.ts';
import type { ConfigValueInfo, ValidationResult } from './validation-result.ts';

const config = { name: 'c', 'connector.class': 'test.Source', 'tasks.max': '2' };
const create = { allowReplace: false, targetState: null };
const replace = { allowReplace: true, targetState: null };

describe('creating a connector', () => {
  test('answers with its tasks, which run', async () => {
    const { herder } = setUp();
    expect(await herder.putConnectorConfig('c', config, create)).toEqual({
      isCreated: true,
      info: {
        name: 'c',
        config,
        tasks: [
          { connector: 'c', task: 0 },
          { connector: 'c', task: 1 },
        ],
        type: 'source',
      },
    });
    expect(await statesOf(herder)).toEqual(['RUNNING', 'RUNNING', 'RUNNING']);
  });

  test('is refused when the name is taken, but only after validation', async () => {
    const { herder, pool } = setUp();
    await herder.putConnectorConfig('c', config, create);
    await expect(herder.putConnectorConfig('c', config, create)).rejects.toThrow(
      'Connector c already exists',
    );
    pool.validationErrors = ['Bad key'];
    await expect(herder.putConnectorConfig('c', config, create)).rejects.toMatchObject({
      status: 400,
      message: expect.stringContaining('the following 1 error(s):\nBad key\n'),
    });
  });

  test('leaves nothing behind when the config is not valid', async () => {
    const { herder, pool } = setUp();
    pool.validationErrors = ['Bad key'];
    await expect(herder.putConnectorConfig('c', config, create)).rejects.toThrow('Bad key');
    expect(await herder.connectors()).toEqual([]);
    await expect(herder.connectorStatus('c')).rejects.toMatchObject({ status: 404 });
  });

  test('that fails to start keeps it, FAILED and without a version', async () => {
    const { herder, pool } = setUp();
    pool.startError = new ConnectError('no such table');
    await expect(herder.putConnectorConfig('c', config, create)).rejects.toThrow('no such table');
    expect(await herder.connectorStatus('c')).toMatchObject({
      connector: {
        state: 'FAILED',
        version: null,
        trace: expect.stringContaining('no such table'),
      },
      tasks: [],
    });
    expect(await herder.connectors()).toEqual(['c']);
  });

  test('as paused makes no tasks until it is resumed', async () => {
    const { herder } = setUp();
    await herder.putConnectorConfig('c', config, { allowReplace: false, targetState: 'PAUSED' });
    expect(await statesOf(herder)).toEqual(['PAUSED']);
    await herder.resumeConnector('c');
    await settle();
    expect(await statesOf(herder)).toEqual(['RUNNING', 'RUNNING', 'RUNNING']);
  });

  test('is refused for a class that is not installed', async () => {
    const { herder } = setUp();
    await expect(
      herder.putConnectorConfig('c', { ...config, 'connector.class': 'Nope' }, create),
    ).rejects.toThrow('which name matches Nope');
  });

  test('refuses a null that validation let pass', async () => {
    const { herder } = setUp();
    await expect(
      herder.putConnectorConfig('c', { ...config, x: null }, create),
    ).rejects.toMatchObject({ status: 500, javaName: 'java.lang.ClassCastException' });
    expect(await statesOf(herder)).toEqual(['FAILED']);
  });
});

describe('changing a config', () => {
  test('restarts connector and tasks, also when their configs stay equal', async () => {
    const { herder, pool } = setUp();
    await herder.putConnectorConfig('c', config, create);
    pool.calls.length = 0;
    const changed = { ...config, x: '1' };
    expect((await herder.putConnectorConfig('c', changed, replace)).isCreated).toBe(false);
    expect(pool.calls).toEqual([
      'stop connector c',
      'start connector c',
      'stop task c-0',
      'stop task c-1',
      'start task c-0',
      'start task c-1',
    ]);
  });

  test('to the same config leaves the tasks alone', async () => {
    const { herder, pool } = setUp();
    await herder.putConnectorConfig('c', config, create);
    pool.calls.length = 0;
    await herder.putConnectorConfig('c', { ...config }, replace);
    expect(pool.calls).toEqual(['stop connector c', 'start connector c']);
  });

  test('by a patch sets, keeps and removes keys', async () => {
    const { herder } = setUp();
    await herder.putConnectorConfig('c', { ...config, x: '1', y: '2' }, create);
    await herder.patchConnectorConfig('c', { x: null, y: '3', z: '4' });
    expect(await herder.connectorConfig('c')).toEqual({ ...config, y: '3', z: '4' });
    await expect(herder.patchConnectorConfig('d', {})).rejects.toThrow('Connector d not found');
  });

  test('to fewer tasks forgets the others', async () => {
    const { herder, pool } = setUp();
    await herder.putConnectorConfig('c', config, create);
    pool.taskCount = 1;
    await herder.putConnectorConfig('c', { ...config, 'tasks.max': '1' }, replace);
    expect((await herder.connectorStatus('c')).tasks.map((task) => task.id)).toEqual([0]);
  });

  test('changes of one connector happen in the order of their requests', async () => {
    const { herder } = setUp();
    const both = Promise.all([
      herder.putConnectorConfig('c', { ...config, x: '1' }, replace),
      herder.putConnectorConfig('c', { ...config, x: '2' }, replace),
      herder.deleteConnector('c'),
    ]);
    expect((await both).slice(0, 2)).toMatchObject([{ isCreated: true }, { isCreated: false }]);
    expect(await herder.connectors()).toEqual([]);
  });
});

describe('deleting, stopping and restarting', () => {
  test('a deleted connector has no status; its topics stay listed', async () => {
    const { herder, listener } = setUp();
    await herder.putConnectorConfig('c', config, create);
    listener().onEvent({ kind: 'topicUsed', connector: 'c', topic: 't' });
    await herder.deleteConnector('c');
    await expect(herder.connectorStatus('c')).rejects.toMatchObject({ status: 404 });
    expect(await herder.activeTopics('c')).toEqual(['t']);
    await expect(herder.deleteConnector('c')).rejects.toThrow('Connector c not found');
  });

  test('a stopped connector has no tasks, and starts them again when resumed', async () => {
    const { herder } = setUp();
    await herder.putConnectorConfig('c', config, create);
    await herder.stopConnector('c');
    expect(await statesOf(herder)).toEqual(['STOPPED']);
    await herder.resumeConnector('c');
    await settle();
    expect(await statesOf(herder)).toEqual(['RUNNING', 'RUNNING', 'RUNNING']);
  });

  test.each([
    ['stopConnector', { status: 500, message: 'No connector `x` configured' }],
    ['restartConnector', { status: 500, message: 'Unknown connector: x' }],
    ['pauseConnector', { message: 'Unknown connector x' }],
  ] as const)('%s of an unknown connector is answered as in Java', async (call, expected) => {
    await expect(setUp().herder[call]('x')).rejects.toMatchObject(expected);
  });

  test('a flagged restart starts only what failed, and answers with the plan', async () => {
    const { herder, pool, listener } = setUp();
    await herder.putConnectorConfig('c', config, create);
    listener().onEvent({ kind: 'taskStatus', runId: 3, state: 'FAILED', trace: 'boom' });
    pool.calls.length = 0;
    const plan = await herder.restartConnectorAndTasks('c', {
      includeTasks: true,
      onlyFailed: true,
    });
    expect(plan.tasks.map((task) => task.state)).toEqual(['RUNNING', 'RESTARTING']);
    expect(pool.calls).toEqual(['stop task c-1', 'start task c-1']);
    expect(await statesOf(herder)).toEqual(['RUNNING', 'RUNNING', 'RUNNING']);
  });

  test('a task that is not there is not started', async () => {
    const { herder } = setUp();
    await herder.putConnectorConfig('c', config, create);
    await expect(herder.restartTask('c', 2)).rejects.toThrow('Task c-2 not found');
    await herder.stopConnector('c');
    await expect(herder.restartTask('c', 0)).rejects.toThrow('Task c-0 not found');
    expect(await statesOf(herder)).toEqual(['STOPPED']);
  });

  test('topics that were told before a reset are told again', async () => {
    const { herder, pool, listener } = setUp();
    await herder.putConnectorConfig('c', config, create);
    listener().onEvent({ kind: 'topicUsed', connector: 'c', topic: 't' });
    await herder.resetActiveTopics('c');
    expect(await herder.activeTopics('c')).toEqual([]);
    expect(pool.calls.slice(-2)).toEqual(['forget topics of c-0', 'forget topics of c-1']);
  });

  test('offsets are changed only while it is stopped', async () => {
    const { herder } = setUp();
    await herder.putConnectorConfig('c', config, create);
    await expect(herder.resetConnectorOffsets('c')).rejects.toMatchObject({
      status: 400,
      message: expect.stringContaining('must be in the STOPPED state'),
    });
    await herder.stopConnector('c');
    expect(await herder.resetConnectorOffsets('c')).toContain('have been reset');
  });
});

describe('a connector that refers to config providers', () => {
  const secretive = { ...config, password: '${p:k}' };

  test('starts with values, and is stored and answered with references', async () => {
    const { herder, pool } = setUp({ k: 'hush-hush' });
    await herder.putConnectorConfig('c', secretive, create);
    expect(pool.connectorConfigs.at(-1)).toEqual({ ...config, password: 'hush-hush' });
    expect(pool.taskConfigs.at(-1)).toEqual({ n: '1', password: 'hush-hush' });
    const answers = [
      await herder.connectorInfo('c'),
      await herder.taskConfigs('c'),
      await herder.validateConfig(secretive),
    ];
    expect(JSON.stringify(answers)).not.toContain('hush');
    expect((await herder.taskConfigs('c'))[0]?.config).toEqual({ n: '0', password: '${p:k}' });
  });

  test('is validated with values, which neither errors nor values quote', async () => {
    const { herder, pool } = setUp({ k: 'abc' });
    pool.validationErrors = ['Invalid value abc for configuration password: too short'];
    const { configs } = await herder.validateConfig(secretive);
    expect(configs[0]?.value).toMatchObject({
      value: '${p:k}',
      errors: ['Invalid value ${p:k} for configuration password: too short'],
    });
  });

  test('shows no value in what it failed of', async () => {
    const { herder, pool, listener } = setUp({ k: 'hush-hush' });
    pool.startError = new ConnectError('login with hush-hush refused');
    await expect(herder.putConnectorConfig('c', secretive, create)).rejects.toThrow(
      'login with ${p:k} refused',
    );
    pool.startError = null;
    await herder.putConnectorConfig('c', secretive, replace);
    listener().onEvent({ kind: 'taskStatus', runId: 4, state: 'FAILED', trace: 'x: hush-hush' });
    expect((await herder.taskStatus('c', 1)).trace).toBe('x: ${p:k}');
  });

  test('starts again with its tasks when a value has changed after its time', async () => {
    const { herder, pool, values, clock } = setUp({ k: 'hush-hush' });
    await herder.putConnectorConfig('c', secretive, create);
    pool.calls.length = 0;
    await clock.advance(5000);
    expect(pool.calls).toEqual([]);
    values['k'] = 'tell nobody';
    await clock.advance(5000);
    expect(pool.calls.filter((call) => call.startsWith('start'))).toEqual([
      'start connector c',
      'start task c-0',
      'start task c-1',
    ]);
    expect(pool.taskConfigs.at(-1)).toMatchObject({ password: 'tell nobody' });
  });

  test.each(['none', 'NONE'])('stays as it is with config.action.reload=%s', async (reload) => {
    const { herder, pool, values, clock } = setUp({ k: 'hush-hush' });
    await herder.putConnectorConfig('c', { ...secretive, 'config.action.reload': reload }, create);
    pool.calls.length = 0;
    values['k'] = 'tell nobody';
    await clock.advance(20_000);
    expect(pool.calls).toEqual([]);
    expect(clock.waiting).toBe(0);
  });

  test('goes on with the old values while the provider cannot read', async () => {
    const { herder, pool, values, clock } = setUp({ k: 'hush-hush' });
    await herder.putConnectorConfig('c', secretive, create);
    pool.calls.length = 0;
    values['k'] = null;
    await clock.advance(5000);
    expect(pool.calls).toEqual([]);
    values['k'] = 'tell nobody';
    await clock.advance(5000);
    expect(pool.connectorConfigs.at(-1)).toMatchObject({ password: 'tell nobody' });
  });

  test('is not looked after when it is gone', async () => {
    const { herder, clock } = setUp({ k: 'hush-hush' });
    await herder.putConnectorConfig('c', secretive, create);
    expect(clock.waiting).toBe(1);
    await herder.deleteConnector('c');
    expect(clock.waiting).toBe(0);
  });
});

test('a request after the end is refused', async () => {
  const { herder } = setUp();
  await herder.close();
  await expect(herder.putConnectorConfig('c', config, create)).rejects.toThrow(
    'Worker is shutting down',
  );
});

async function statesOf(herder: StandaloneHerder): Promise<string[]> {
  const { connector, tasks } = await herder.connectorStatus('c');
  return [connector.state, ...tasks.map((task) => task.state)];
}

/** Herder and worker over a pool that does as it is told. Null as a value: the provider cannot read. */
function setUp(values: Record<string, string | null> = {}) {
  const registry = new PluginRegistry([
    { className: 'test.Source', type: 'source', version: '1', packageFolder: '', exportName: '' },
  ]);
  const providers: ConfigProviders = new Map([
    [
      'p',
      {
        async get(_path: string, keys: readonly string[] | null) {
          const found = (keys ?? []).map((key) => [key, values[key]] as const);
          if (found.some(([, value]) => value === null)) throw new Error('cannot read');
          return { data: Object.fromEntries(found) as Record<string, string>, ttlMs: 5000 };
        },
      },
    ],
  ]);
  const clock = new FakeClock();
  const logger = createLogger({ write: () => {} });
  const statuses = new MemoryStatusStore();
  const offsets = new MemoryOffsetStore();
  let pool: FakePool | undefined;
  const worker = new Worker({
    workerId: 'w:1',
    gracefulShutdownTimeoutMs: 1000,
    isTopicTrackingEnabled: true,
    statuses,
    offsets,
    logger,
    createPool(listener) {
      pool = new FakePool(listener);
      return pool;
    },
    resolve: (raw) => resolveConfig(raw, providers),
    leaveGroup: async () => {},
    onTaskReconfiguration: () => {},
    versionOf: () => '1',
  });
  const herder = new StandaloneHerder({
    version: '4.3.1',
    commit: 'x',
    kafkaClusterId: 'k',
    registry,
    configs: new MemoryConfigStore(),
    statuses,
    offsets,
    worker,
    topicTracking: { isEnabled: true, isResetAllowed: true },
    clock,
    resolve: (raw) => resolveConfig(raw, providers),
    offsetsContext: {
      workerId: 'w:1',
      consumerGroupId: undefined,
      createAdmin: () => {
        throw new Error('no Kafka here');
      },
    },
    logger,
  });
  if (pool === undefined) throw new Error('the worker made no pool');
  const fake = pool;
  return { herder, worker, clock, values, pool: fake, listener: () => fake.listener };
}

class FakePool implements HostPool {
  readonly calls: string[] = [];
  readonly connectorConfigs: Config[] = [];
  readonly taskConfigs: Config[] = [];
  readonly listener: HostPoolListener;
  readonly #names = new Map<number, string>();
  validationErrors: string[] = [];
  startError: Error | null = null;
  taskCount = 2;

  constructor(listener: HostPoolListener) {
    this.listener = listener;
  }

  warm(): void {}

  async startConnector(run: ConnectorRun) {
    this.calls.push(`start connector ${run.connector}`);
    this.connectorConfigs.push(run.config);
    if (this.startError !== null) throw this.startError;
    this.#names.set(run.runId, `connector ${run.connector}`);
    this.#tell('connectorStatus', run.runId, run.targetState);
    return { version: '1' };
  }

  async startTask(run: TaskRun) {
    const name = `task ${run.connector}-${run.task}`;
    this.calls.push(`start ${name}`);
    this.taskConfigs.push(run.taskConfig);
    this.#names.set(run.runId, name);
    this.#tell('taskStatus', run.runId, run.targetState);
    return { version: '1' };
  }

  async callRun(kind: string, body: { runId: number; targetState?: string }): Promise<never> {
    const { runId } = body;
    const name = this.#names.get(runId);
    if (name === undefined) throw new NotFoundError(`Run ${runId} is over`);
    if (kind === 'taskConfigs') {
      const { password } = this.connectorConfigs.at(-1) as Config;
      const more = password === undefined ? {} : { password };
      return Array.from({ length: this.taskCount }, (_, i) => ({ n: String(i), ...more })) as never;
    }
    if (kind.startsWith('set')) {
      this.#tell(
        kind === 'setTaskState' ? 'taskStatus' : 'connectorStatus',
        runId,
        String(body.targetState),
      );
    } else if (kind === 'forgetTopics') {
      this.calls.push(`forget topics of ${name.slice('task '.length)}`);
    } else {
      this.calls.push(`stop ${name}`);
      this.#names.delete(runId);
    }
    return { isClean: true } as never;
  }

  async callAside(kind: string, body: object): Promise<never> {
    if (kind !== 'validate') return { isVouchedFor: true } as never;
    const { config: given } = body as { config: Config };
    const value: ConfigValueInfo['value'] = {
      name: 'password',
      value: given['password'] ?? null,
      recommended_values: [],
      errors: this.validationErrors,
      visible: true,
    };
    const result: ValidationResult = {
      name: 'c',
      error_count: this.validationErrors.length,
      groups: [],
      configs: [{ definition: null, value }],
    };
    return result as never;
  }

  async close(): Promise<void> {}

  #tell(kind: 'connectorStatus' | 'taskStatus', runId: number, targetState: string): void {
    const state = targetState === 'STARTED' ? 'RUNNING' : targetState;
    this.listener.onEvent({ kind, runId, state: state as 'RUNNING' });
  }
}
