import { HerderError } from '@tributary/runtime';
import type { FastifyInstance } from 'fastify';
import { parseConfigMap } from '../entities/config-map.ts';
import { describeAsJava, HttpError } from '../error-mapping.ts';
import { withTimeout } from '../request-timeout.ts';
import { ask, queryValue, type RouteContext, sendJson } from './route-context.ts';

type Plugin = { Params: { plugin: string } };

export function connectorPluginsRoutes(app: FastifyInstance, context: RouteContext): void {
  app.get('/connector-plugins', (request, reply) => {
    const connectorsOnly = (queryValue(request.query, 'connectorsOnly') || 'true').toLowerCase();
    const plugins = context.herder().plugins();
    const isShown = ({ type }: { type: string }): boolean =>
      connectorsOnly !== 'true' || type === 'source' || type === 'sink';
    return sendJson(reply, plugins.filter(isShown));
  });

  app.get<Plugin>('/connector-plugins/:plugin/config', async (request, reply) => {
    const version = queryValue(request.query, 'version');
    const { plugin } = request.params;
    return sendJson(reply, await ask(context, (herder) => herder.pluginConfig(plugin, version)));
  });

  app.put<Plugin & { Body: Uint8Array }>(
    '/connector-plugins/:plugin/config/validate',
    async (request, reply) => {
      const config = parseConfigMap(request.body);
      requireSamePlugin(config['connector.class'] ?? null, request.params.plugin);
      const herder = context.herder();
      const validation = herder.validateConfig(config).catch((error: unknown) => {
        throw new HttpError(500, describeAsJava(error), { quotesRequest: true });
      });
      const timeoutMs = context.requestTimeoutMs;
      return sendJson(reply, await withTimeout(herder, validation, timeoutMs, { end: '' }));
    },
  );
}

function requireSamePlugin(connectorClass: string | null, plugin: string): void {
  if (connectorClass === null) return;
  if (withoutSuffix(connectorClass).endsWith(withoutSuffix(plugin))) return;
  throw new HerderError(
    400,
    `Included connector type ${connectorClass} does not match request type ${plugin}`,
  );
}

function withoutSuffix(name: string): string {
  return name.replace(/(?<=.)Connector$/, '');
}
