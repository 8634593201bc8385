import type { Herder, Logger } from '@tributary/runtime';
import type { FastifyReply } from 'fastify';
import { printJson } from '../entities/json.ts';
import { withTimeout } from '../request-timeout.ts';
import type { Loggers } from './loggers.ts';

/** What routes are given. `herder` and `loggers` exist once the server serves; no route is called before. */
export interface RouteContext {
  readonly herder: () => Herder;
  readonly loggers: () => Loggers;
  readonly logger: Logger;
  readonly requestTimeoutMs: number;
}

/** Waits for a call to the herder within the request timeout. */
export function ask<T>(context: RouteContext, call: (herder: Herder) => Promise<T>): Promise<T> {
  const herder = context.herder();
  return withTimeout(herder, call(herder), context.requestTimeoutMs);
}

/** The server has set the Content-Type that the client accepts. */
export function sendJson(reply: FastifyReply, value: unknown, status = 200): FastifyReply {
  return reply.code(status).send(Buffer.from(printJson(value)));
}

export function sendEmpty(reply: FastifyReply, status: 202 | 204): FastifyReply {
  return reply.code(status).removeHeader('content-type').send();
}

/** The first value of a query parameter, or null. */
export function queryValue(query: unknown, name: string): string | null {
  return queryValues(query, name)?.[0] ?? null;
}

/** Null when the parameter is not there at all. */
export function queryValues(query: unknown, name: string): string[] | null {
  const value = (query as Record<string, string | string[] | undefined>)[name];
  if (value === undefined) return null;
  return Array.isArray(value) ? value : [value];
}

export function isTrue(query: unknown, name: string): boolean {
  return queryValue(query, name)?.toLowerCase() === 'true';
}
