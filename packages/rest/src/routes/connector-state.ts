import type { FastifyInstance } from 'fastify';
import { ask, isTrue, type RouteContext, sendEmpty, sendJson } from './route-context.ts';

type Named = { Params: { connector: string } };

/** What the user wants of a connector: restart, pause, resume, stop. */
export function connectorStateRoutes(app: FastifyInstance, context: RouteContext): void {
  app.post<Named>('/connectors/:connector/restart', async (request, reply) => {
    const { connector } = request.params;
    const includeTasks = isTrue(request.query, 'includeTasks');
    const onlyFailed = isTrue(request.query, 'onlyFailed');
    if (!includeTasks && !onlyFailed) {
      await ask(context, (herder) => herder.restartConnector(connector));
      return sendEmpty(reply, 204);
    }
    const status = await ask(context, (herder) =>
      herder.restartConnectorAndTasks(connector, { includeTasks, onlyFailed }),
    );
    return sendJson(reply, status, 202);
  });

  app.put<Named>('/connectors/:connector/pause', async (request, reply) => {
    await ask(context, (herder) => herder.pauseConnector(request.params.connector));
    return sendEmpty(reply, 202);
  });

  app.put<Named>('/connectors/:connector/resume', async (request, reply) => {
    await ask(context, (herder) => herder.resumeConnector(request.params.connector));
    return sendEmpty(reply, 202);
  });

  app.put<Named>('/connectors/:connector/stop', async (request, reply) => {
    await ask(context, (herder) => herder.stopConnector(request.params.connector));
    return sendEmpty(reply, 204);
  });
}
