import type { FastifyInstance } from 'fastify';
import { parseOffsetsRequest } from '../entities/offsets-request.ts';
import { ask, type RouteContext, sendJson } from './route-context.ts';

type Named = { Params: { connector: string } };

/** Offsets of a connector (KIP-875). */
export function offsetsRoutes(app: FastifyInstance, context: RouteContext): void {
  app.get<Named>('/connectors/:connector/offsets', async (request, reply) => {
    const { connector } = request.params;
    return sendJson(reply, await ask(context, (herder) => herder.connectorOffsets(connector)));
  });

  app.patch<Named & { Body: Uint8Array }>(
    '/connectors/:connector/offsets',
    async (request, reply) => {
      const { connector } = request.params;
      const offsets = parseOffsetsRequest(request.body);
      const message = await ask(context, (herder) =>
        herder.alterConnectorOffsets(connector, offsets),
      );
      return sendJson(reply, { message });
    },
  );

  app.delete<Named>('/connectors/:connector/offsets', async (request, reply) => {
    const { connector } = request.params;
    const message = await ask(context, (herder) => herder.resetConnectorOffsets(connector));
    return sendJson(reply, { message });
  });
}
