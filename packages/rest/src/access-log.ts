import type { FastifyReply, FastifyRequest } from 'fastify';
import { pathOf } from './bad-path.ts';

/** One line in extended NCSA format with the time taken in ms. What the client sent is quoted, so that it cannot forge a line; query strings, which may hold secrets, are left out. (no I/O) */
export function formatAccess(request: FastifyRequest, reply: FastifyReply, now: Date): string {
  const length = reply.getHeader('content-length') ?? '-';
  const line = `${request.method} ${pathOf(request.originalUrl)} HTTP/${request.raw.httpVersion}`;
  const referrer = quote(pathOf(request.headers.referer ?? '-'));
  const agent = quote(request.headers['user-agent'] ?? '-');
  const took = Math.round(reply.elapsedTime);
  // A socket of all interfaces shows IPv4 as a part of IPv6.
  const client = request.ip.replace(/^::ffff:(?=\d+\.)/, '');
  return `${client} - - [${formatTime(now)}] ${quote(line)} ${reply.statusCode} ${length} ${referrer} ${agent} ${took}`;
}

function quote(text: string): string {
  return JSON.stringify(text);
}

function formatTime(date: Date): string {
  const [, day, month, year, time] = date.toUTCString().split(' ');
  return `${day}/${month}/${year}:${time} +0000`;
}
