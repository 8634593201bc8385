import type { FastifyReply, FastifyRequest } from 'fastify';
import { expect, test } from 'vitest';
import { formatAccess } from './access-log.ts';

const reply = { getHeader: () => '12', statusCode: 200, elapsedTime: 3.4 };

test.each([
  ['::ffff:127.0.0.1', '127.0.0.1'],
  ['127.0.0.1', '127.0.0.1'],
  ['::1', '::1'],
  ['::ffff:0:1', '::ffff:0:1'],
])('a client at %s is shown as %s, without the query of its request', (ip, shown) => {
  const headers = { 'user-agent': 'curl "x"' };
  const request = {
    ip,
    method: 'GET',
    originalUrl: '/a?p=secret',
    headers,
    raw: { httpVersion: '1.1' },
  };
  expect(
    formatAccess(
      request as unknown as FastifyRequest,
      reply as unknown as FastifyReply,
      new Date('2026-01-02T03:04:05Z'),
    ),
  ).toBe(`${shown} - - [02/Jan/2026:03:04:05 +0000] "GET /a HTTP/1.1" 200 12 "-" "curl \\"x\\"" 3`);
});
