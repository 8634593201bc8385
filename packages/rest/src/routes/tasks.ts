import { HerderError } from '@tributary/runtime';
import type { FastifyInstance } from 'fastify';
import { HttpError } from '../error-mapping.ts';
import { ask, type RouteContext, sendEmpty, sendJson } from './route-context.ts';

type Named = { Params: { connector: string } };
type Task = { Params: { connector: string; task: string } };

export function tasksRoutes(app: FastifyInstance, context: RouteContext): void {
  app.get<Named>('/connectors/:connector/tasks', async (request, reply) => {
    const { connector } = request.params;
    return sendJson(reply, await ask(context, (herder) => herder.taskConfigs(connector)));
  });

  // Between workers, which a standalone worker has none of.
  app.post<Named>('/connectors/:connector/tasks', () => {
    throw new HerderError(
      500,
      'Kafka Connect in standalone mode does not support externally setting task configurations.',
    );
  });

  app.put<Named>('/connectors/:connector/fence', () => {
    throw new HerderError(
      500,
      'Kafka Connect in standalone mode does not support exactly-once source connectors.',
    );
  });

  app.get<Task>('/connectors/:connector/tasks/:task/status', async (request, reply) => {
    const { connector } = request.params;
    const task = parseTask(request.params.task);
    return sendJson(reply, await ask(context, (herder) => herder.taskStatus(connector, task)));
  });

  app.post<Task>('/connectors/:connector/tasks/:task/restart', async (request, reply) => {
    const { connector } = request.params;
    const task = parseTask(request.params.task);
    await ask(context, (herder) => herder.restartTask(connector, task));
    return sendEmpty(reply, 204);
  });
}

/** A 32-bit integer, else there is no such resource. */
function parseTask(text: string): number {
  const task = Number(text);
  if (/^[+-]?\d+$/.test(text) && task === (task | 0)) return task;
  throw new HttpError(404);
}
