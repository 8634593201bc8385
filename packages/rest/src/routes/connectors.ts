import type { ConnectorInfo, ConnectorStatus, Herder } from '@tributary/runtime';
import { HerderError } from '@tributary/runtime';
import { NotFoundError } from '@tributary/sdk';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { type ConfigMap, parseConfigMap } from '../entities/config-map.ts';
import { parseCreateConnectorRequest } from '../entities/create-connector-request.ts';
import { ask, queryValues, type RouteContext, sendEmpty, sendJson } from './route-context.ts';

type Named = { Params: { connector: string } };
type NamedWithBody = Named & { Body: Uint8Array };

export function connectorsRoutes(app: FastifyInstance, context: RouteContext): void {
  app.get('/connectors', async (request, reply) => {
    const expand = queryValues(request.query, 'expand');
    for (const one of expand ?? []) {
      if (one === 'status' || one === 'info') continue;
      context.logger.info(`Ignoring unknown expansion type ${JSON.stringify(one)}`);
    }
    const answer = await ask(context, async (herder) => {
      const names = await herder.connectors();
      return expand === null ? names : expandAll(herder, names, expand);
    });
    return sendJson(reply, answer);
  });

  app.post<{ Body: Uint8Array }>('/connectors', async (request, reply) => {
    const { name, config, targetState } = parseCreateConnectorRequest(request.body);
    const { info } = await ask(context, (herder) =>
      herder.putConnectorConfig(name, withName(name, config), { allowReplace: false, targetState }),
    );
    return sendCreated(request, reply, name, info);
  });

  app.get<Named>('/connectors/:connector', async (request, reply) => {
    const { connector } = request.params;
    return sendJson(reply, await ask(context, (herder) => herder.connectorInfo(connector)));
  });

  app.get<Named>('/connectors/:connector/config', async (request, reply) => {
    const { connector } = request.params;
    return sendJson(reply, await ask(context, (herder) => herder.connectorConfig(connector)));
  });

  app.put<NamedWithBody>('/connectors/:connector/config', async (request, reply) => {
    const { connector } = request.params;
    const config = withName(connector, parseConfigMap(request.body));
    const { isCreated, info } = await ask(context, (herder) =>
      herder.putConnectorConfig(connector, config, { allowReplace: true, targetState: null }),
    );
    return isCreated ? sendCreated(request, reply, connector, info) : sendJson(reply, info);
  });

  app.patch<NamedWithBody>('/connectors/:connector/config', async (request, reply) => {
    const { connector } = request.params;
    const patch = parseConfigMap(request.body);
    return sendJson(
      reply,
      await ask(context, (herder) => herder.patchConnectorConfig(connector, patch)),
    );
  });

  app.get<Named>('/connectors/:connector/status', async (request, reply) => {
    const { connector } = request.params;
    return sendJson(reply, await ask(context, (herder) => herder.connectorStatus(connector)));
  });

  app.delete<Named>('/connectors/:connector', async (request, reply) => {
    const { connector } = request.params;
    await ask(context, (herder) => herder.deleteConnector(connector));
    return sendEmpty(reply, 204);
  });
}

/** A connector that something asked for does not know (yet) is left out. */
async function expandAll(
  herder: Herder,
  names: string[],
  expand: string[],
): Promise<Record<string, Expansion>> {
  const entries = await Promise.all(
    names.map(async (name) => [name, await expandOne(herder, name, expand)] as const),
  );
  return Object.fromEntries(entries.filter((entry) => entry[1] !== null)) as Record<
    string,
    Expansion
  >;
}

interface Expansion {
  status?: ConnectorStatus;
  info?: ConnectorInfo;
}

async function expandOne(
  herder: Herder,
  name: string,
  expand: string[],
): Promise<Expansion | null> {
  try {
    const expansion: Expansion = {};
    if (expand.includes('status')) expansion.status = await herder.connectorStatus(name);
    if (expand.includes('info')) expansion.info = await herder.connectorInfo(name);
    return expansion;
  } catch (error) {
    const isMissing =
      NotFoundError.is(error) || (error instanceof HerderError && error.status === 404);
    if (isMissing) return null;
    throw error;
  }
}

function withName(name: string, config: ConfigMap): ConfigMap {
  if (!Object.hasOwn(config, 'name')) return { ...config, name };
  if (config['name'] === name) return config;
  throw new HerderError(
    400,
    `Connector name configuration (${config['name']}) doesn't match connector name in the URL (${name})`,
  );
}

function sendCreated(
  request: FastifyRequest<{ Params: never }> | FastifyRequest,
  reply: FastifyReply,
  name: string,
  info: ConnectorInfo,
): FastifyReply {
  const host = request.headers.host ?? '';
  reply.header('Location', `${request.protocol}://${host}/connectors/${encodeSegment(name)}`);
  return sendJson(reply, info, 201);
}

/** As JAX-RS builds a path: what RFC 3986 allows in a segment stays. */
function encodeSegment(name: string): string {
  return encodeURIComponent(name.toWellFormed()).replace(
    /%(2F|3B|3D|2B|24|26|2C|3A|40)/g,
    decodeURIComponent,
  );
}
