import { expect, test, vi } from 'vitest';
import { createLogger } from '../../logging.ts';
import type { HostEvent, TaskRun } from '../messages.ts';
import { createHostPool } from '../pool/host-pool.ts';
import type { HostServices } from './host-runtime.ts';
import { createInProcessStarter } from './in-process-host.ts';

function startPool(services: Partial<HostServices>) {
  const events: HostEvent[] = [];
  const logger = createLogger({ write: () => {} });
  const pool = createHostPool(
    {
      settings: { plugins: [], workerConfig: {}, workerId: 'w', kafkaClusterId: 'k' },
      logger,
      maxHosts: 1,
      startHost: createInProcessStarter(async () => services as HostServices, logger),
    },
    {
      onEvent: (event) => void events.push(event),
      answer: async () => null,
      onHostLost: () => {},
    },
  );
  return { pool, events };
}

const run: TaskRun = {
  runId: 1,
  connector: 'orders',
  task: 0,
  connectorConfig: {},
  taskConfig: {},
  taskCount: 1,
  targetState: 'STARTED',
};
const options = { timeoutMs: 1000 };

test('a host in the own process starts, tells and stops runs as a child process would', async () => {
  const states: string[] = [];
  const { pool, events } = startPool({
    async startTask({ runId }, emit) {
      emit({ kind: 'taskStatus', runId, state: 'RUNNING' });
      return {
        version: '1.2',
        done: Promise.resolve(),
        setTargetState: (state) => void states.push(state),
        forgetTopics() {},
        stop: async () => ({ isClean: true }),
      };
    },
  });
  expect(await pool.startTask(run)).toEqual({ version: '1.2' });
  expect(events).toEqual([{ kind: 'taskStatus', runId: 1, state: 'RUNNING' }]);
  await pool.callRun('setTaskState', { runId: 1, targetState: 'PAUSED' }, options);
  expect(states).toEqual(['PAUSED']);
  const stop = { runId: 1, timeoutMs: 100 };
  expect(await pool.callRun('stopTask', stop, options)).toEqual({ isClean: true });
  await expect(pool.callRun('stopTask', stop, options)).rejects.toThrow('Run 1 is over');
  await pool.close();
});

test('a connector that asks for reconfiguration in a loop is heard once', async () => {
  vi.useFakeTimers();
  const { pool, events } = startPool({
    async startConnector({ runId }, emit) {
      for (let index = 0; index < 1000; index++) {
        emit({ kind: 'requestTaskReconfiguration', runId });
      }
      return {
        version: null,
        setTargetState: async () => {},
        taskConfigs: async () => [{}],
        stop: async () => {},
      };
    },
  });
  await pool.startConnector({ runId: 2, connector: 'orders', config: {}, targetState: 'STARTED' });
  await vi.advanceTimersByTimeAsync(100);
  expect(await pool.callRun('taskConfigs', { runId: 2, maxTasks: 1 }, options)).toEqual([{}]);
  expect(events).toEqual([{ kind: 'requestTaskReconfiguration', runId: 2 }]);
  await pool.close();
  vi.useRealTimers();
});
