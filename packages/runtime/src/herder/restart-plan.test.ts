import { describe, expect, it } from 'vitest';
import type { ConnectorState, ConnectorStatus } from './herder.ts';
import { planRestart } from './restart-plan.ts';

const cases: {
  request: { includeTasks: boolean; onlyFailed: boolean };
  connector: ConnectorState;
  tasks: ConnectorState[];
  restarts: { connector: boolean; tasks: number[] };
}[] = [
  {
    request: { includeTasks: false, onlyFailed: false },
    connector: 'RUNNING',
    tasks: ['FAILED'],
    restarts: { connector: true, tasks: [] },
  },
  {
    request: { includeTasks: true, onlyFailed: false },
    connector: 'RUNNING',
    tasks: ['RUNNING', 'FAILED'],
    restarts: { connector: true, tasks: [0, 1] },
  },
  {
    request: { includeTasks: true, onlyFailed: true },
    connector: 'RUNNING',
    tasks: ['RUNNING', 'FAILED'],
    restarts: { connector: false, tasks: [1] },
  },
  {
    request: { includeTasks: false, onlyFailed: true },
    connector: 'FAILED',
    tasks: ['FAILED'],
    restarts: { connector: true, tasks: [] },
  },
];

describe.for(cases)('$request with $connector and tasks $tasks', (example) => {
  it('restarts what Java restarts, and shows just that as RESTARTING', () => {
    const plan = planRestart(example.request, statusOf(example.connector, example.tasks));
    expect(plan.isConnectorRestarting).toBe(example.restarts.connector);
    expect(plan.tasks).toEqual(example.restarts.tasks);
    expect(plan.status.connector.state).toBe(
      example.restarts.connector ? 'RESTARTING' : example.connector,
    );
    expect(plan.status.tasks.map((task) => task.state)).toEqual(
      example.tasks.map((state, id) =>
        example.restarts.tasks.includes(id) ? 'RESTARTING' : state,
      ),
    );
  });
});

function statusOf(connector: ConnectorState, tasks: ConnectorState[]): ConnectorStatus {
  const common = { worker_id: '127.0.0.1:8083', version: '1' };
  return {
    name: 'c',
    type: 'source',
    connector: { state: connector, ...common },
    tasks: tasks.map((state, id) => ({ id, state, ...common })),
  };
}
