import type { FastifyInstance } from 'fastify';
import { timedOut, waitAtMost } from '../request-timeout.ts';
import { type RouteContext, sendJson } from './route-context.ts';

const healthTimeoutMs = 10_000;

/** Source: Kafka Connect `HealthCheckResource` (KIP-1017). */
export function healthRoutes(app: FastifyInstance, context: RouteContext): void {
  let wasReady = false;
  app.get('/health', async (_request, reply) => {
    const health = await waitAtMost(context.herder().health(), healthTimeoutMs);
    if (health !== timedOut && health.isReady) {
      wasReady = true;
      const message = 'Worker has completed startup and is ready to handle requests.';
      return sendJson(reply, { status: 'healthy', message });
    }
    const stage = health === timedOut || health.stage === null ? '' : ` ${health.stage}.`;
    if (wasReady) {
      const message = `Worker was unable to handle this request and may be unable to handle other requests.${stage}`;
      return sendJson(reply, { status: 'unhealthy', message }, 500);
    }
    const message = `Worker is still starting up.${stage}`;
    return sendJson(reply, { status: 'starting', message }, 503);
  });
}
