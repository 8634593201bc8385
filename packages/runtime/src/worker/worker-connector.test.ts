import { type Connector, type ConnectorContext, defineConfig } from '@tributary/sdk';
import { describe, expect, it } from 'vitest';
import type { HostEvent } from '../hosts/messages.ts';
import { createLogger } from '../logging.ts';
import type { TaskDeps } from './task-deps.ts';
import { startConnector } from './worker-connector.ts';

describe('a connector', () => {
  it('stops and starts the same instance as its target state changes', async () => {
    const run = await start('STARTED');
    await run.connector.setTargetState('PAUSED');
    await run.connector.setTargetState('STOPPED');
    await run.connector.setTargetState('STARTED');
    await run.connector.stop();
    expect(run.calls).toEqual(['initialize', 'start', 'stop', 'start', 'stop']);
    expect(run.states()).toEqual(['RUNNING', 'PAUSED', 'STOPPED', 'RUNNING', 'UNASSIGNED']);
  });

  it('is not started while its target state is PAUSED', async () => {
    const run = await start('PAUSED');
    expect(run.calls).toEqual(['initialize']);
    expect(run.states()).toEqual(['PAUSED']);
  });

  it('is FAILED with its trace when start throws', async () => {
    const events: HostEvent[] = [];
    const started = start('STARTED', { startError: new Error('no such table'), events });
    await expect(started).rejects.toThrow('no such table');
    expect(events).toMatchObject([
      {
        kind: 'connectorStatus',
        state: 'FAILED',
        trace: expect.stringMatching(/^java\.lang\.RuntimeException: no such table\n\tat /),
      },
    ]);
  });

  it('stays FAILED after it raised an error, until it is stopped', async () => {
    const run = await start('STARTED');
    run.context?.raiseError(new Error('gone'));
    await expect(run.connector.setTargetState('PAUSED')).rejects.toThrow(/has failed/);
    await run.connector.setTargetState('STOPPED');
    expect(run.states()).toEqual(['RUNNING', 'FAILED', 'STOPPED']);
  });

  it('adds the task class and the topics of a sink to its task configs', async () => {
    const run = await start('STARTED');
    expect(await run.connector.taskConfigs(2)).toEqual([
      { n: '0', 'task.class': 'Task', topics: 't' },
      { n: '1', 'task.class': 'Task', topics: 't' },
    ]);
  });

  it('fails when it generates more tasks than allowed', async () => {
    const run = await start('STARTED', { generates: 3 });
    await expect(run.connector.taskConfigs(2)).rejects.toThrow(
      /^The connector c has generated 3 tasks, which is greater than 2, the maximum/,
    );
    expect(run.states()).toEqual(['RUNNING', 'FAILED']);
  });
});

async function start(
  targetState: 'STARTED' | 'PAUSED',
  {
    startError = null,
    generates = 2,
    events = [],
  }: { startError?: Error | null; generates?: number; events?: HostEvent[] } = {},
) {
  const calls: string[] = [];
  let context: ConnectorContext | undefined;
  const instance: Connector = {
    initialize(given) {
      context = given;
      calls.push('initialize');
    },
    start() {
      calls.push('start');
      if (startError !== null) throw startError;
    },
    stop: () => void calls.push('stop'),
    taskConfigs: () => Array.from({ length: generates }, (_, i) => ({ n: String(i) })),
  };
  const plugin = {
    type: 'sink',
    className: 'Sink',
    taskClassName: 'Task',
    config: defineConfig(),
    createConnector: () => instance,
  };
  const deps = {
    settings: { workerConfig: {} },
    plugins: {
      load: async () => plugin,
      registry: { find: () => ({ version: '1' }) },
    },
    logger: createLogger({ write: () => {} }),
    emit: (event: HostEvent) => events.push(event),
  } as unknown as TaskDeps;
  const config = { name: 'c', 'connector.class': 'Sink', topics: 't' };
  const connector = await startConnector({ runId: 1, connector: 'c', config, targetState }, deps);
  return {
    connector,
    calls,
    states: () => events.flatMap((event) => (event.kind === 'connectorStatus' ? event.state : [])),
    get context() {
      return context;
    },
  };
}
