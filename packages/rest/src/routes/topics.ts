import { HerderError } from '@tributary/runtime';
import type { FastifyInstance } from 'fastify';
import { ask, type RouteContext, sendEmpty, sendJson } from './route-context.ts';

type Named = { Params: { connector: string } };

/** Topics that a connector uses (KIP-558). */
export function topicsRoutes(app: FastifyInstance, context: RouteContext): void {
  app.get<Named>('/connectors/:connector/topics', async (request, reply) => {
    requireTracking(context);
    const { connector } = request.params;
    const topics = await ask(context, (herder) => herder.activeTopics(connector));
    return sendJson(reply, Object.fromEntries([[connector, { topics }]]));
  });

  app.put<Named>('/connectors/:connector/topics/reset', async (request, reply) => {
    requireTracking(context);
    if (!context.herder().topicTracking.isResetAllowed) {
      throw new HerderError(403, 'Topic tracking reset is disabled.');
    }
    await ask(context, (herder) => herder.resetActiveTopics(request.params.connector));
    return sendEmpty(reply, 202);
  });
}

function requireTracking(context: RouteContext): void {
  if (context.herder().topicTracking.isEnabled) return;
  throw new HerderError(403, 'Topic tracking is disabled.');
}
