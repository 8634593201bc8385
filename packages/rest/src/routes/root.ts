import type { FastifyInstance } from 'fastify';
import { type RouteContext, sendJson } from './route-context.ts';

export function rootRoutes(app: FastifyInstance, context: RouteContext): void {
  app.get('/', (_request, reply) => {
    const { version, commit, kafkaClusterId } = context.herder().serverInfo();
    return sendJson(reply, { version, commit, kafka_cluster_id: kafkaClusterId });
  });
}
