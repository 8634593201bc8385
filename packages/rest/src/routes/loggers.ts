import { HerderError } from '@tributary/runtime';
import type { FastifyInstance } from 'fastify';
import { parseConfigMap } from '../entities/config-map.ts';
import type { LoggerLevel } from '../entities/logger-level.ts';
import { queryValue, type RouteContext, sendEmpty, sendJson } from './route-context.ts';

/** Levels are upper case: OFF, FATAL, ERROR, WARN, INFO, DEBUG, TRACE, ALL. The logger of all is `root`. */
export interface Loggers {
  /** Every logger that exists, with its effective level. */
  list(): Record<string, LoggerLevel>;
  /** Null when there is no such logger. */
  get(name: string): LoggerLevel | null;
  /**
   * Sets the level of `name`, made if missing, and of every logger whose name begins with it; `root` sets all.
   * Resolves with the names whose level really changed. Scope `cluster` reaches every worker of the cluster.
   */
  set(name: string, level: string, scope: 'worker' | 'cluster'): Promise<string[]>;
}

const levels = ['OFF', 'FATAL', 'ERROR', 'WARN', 'INFO', 'DEBUG', 'TRACE', 'ALL'];

type Named = { Params: { logger: string } };

export function loggersRoutes(app: FastifyInstance, context: RouteContext): void {
  app.get('/admin/loggers', (_request, reply) => {
    const found = Object.entries(context.loggers().list());
    const sorted = found.sort(([one], [other]) => (one < other ? -1 : 1));
    return sendJson(reply, Object.fromEntries(sorted));
  });

  app.get<Named>('/admin/loggers/:logger', (request, reply) => {
    const found = context.loggers().get(nameOf(request.params.logger));
    if (found !== null) return sendJson(reply, found);
    throw new HerderError(404, `Logger ${request.params.logger} not found.`);
  });

  app.put<Named & { Body: Uint8Array }>('/admin/loggers/:logger', async (request, reply) => {
    const level = parseConfigMap(request.body)['level'] ?? null;
    if (level === null) {
      throw new HerderError(400, "Desired 'level' parameter was not specified in request.");
    }
    if (!levels.includes(level.toUpperCase())) {
      throw new HerderError(404, `invalid log level '${level}'.`);
    }
    const scope = parseScope(queryValue(request.query, 'scope'), context);
    const name = nameOf(request.params.logger);
    const changed = await context.loggers().set(name, level.toUpperCase(), scope);
    return scope === 'cluster' ? sendEmpty(reply, 204) : sendJson(reply, changed.toSorted());
  });
}

function parseScope(text: string | null, context: RouteContext): 'worker' | 'cluster' {
  const scope = (text ?? 'worker').toLowerCase();
  if (scope === 'worker' || scope === 'cluster') return scope;
  context.logger.warn(
    `Received invalid scope in request to adjust logging level: ${JSON.stringify(text)}; the worker's own level is set`,
  );
  return 'worker';
}

function nameOf(text: string): string {
  return text.toLowerCase() === 'root' ? 'root' : text;
}
