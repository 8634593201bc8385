import { connect } from 'node:net';
import { expect, it } from 'vitest';
import { advertise, bindListener, closeListener, parseListener } from './listeners.ts';

const noTls = (): never => {
  throw new Error('not asked for');
};

it('reads scheme, host and port of a listener', () => {
  expect(parseListener(' HTTP://localhost:8083 ')).toEqual({
    scheme: 'http',
    host: 'localhost',
    port: 8083,
  });
  expect(parseListener('http://:8083').host).toBe('');
  expect(parseListener('http://[::1]:0')).toEqual({ scheme: 'http', host: '::1', port: 0 });
});

it.each([
  ['', 'Empty URL'],
  ['http://localhost', 'right format'],
  ['localhost:8083', 'right format'],
  ['http://localhost:65536', 'right format'],
  ['http://localhost:8083/path', 'right format'],
  ['ftp://localhost:8083', 'must be either "http" or "https"'],
])('refuses the listener "%s"', (text, message) => {
  expect(() => parseListener(text)).toThrow(message);
});

it('advertises the first listener, of HTTP where there is one, each part replaced by its key', () => {
  expect(advertise({}, ['http://127.0.0.1:8083'])).toBe('http://127.0.0.1:8083');
  expect(advertise({ 'rest.advertised.host.name': '::1' }, ['http://a:80'])).toBe(
    'http://[::1]:80',
  );
  const all = {
    'rest.advertised.listener': 'HTTPS',
    'rest.advertised.host.name': 'worker-1',
    'rest.advertised.port': '443',
  };
  expect(advertise(all, ['http://127.0.0.1:8083'])).toBe('https://worker-1:443');
  const both = ['https://a:8443', 'http://a:8083'];
  expect(advertise({}, both)).toBe('http://a:8083');
  expect(advertise({ 'rest.advertised.listener': 'https' }, both)).toBe('https://a:8443');
  expect(advertise({}, ['https://a:443'])).toBe('https://a:443');
  expect(() => advertise({ 'rest.advertised.listener': 'ftp' }, ['http://a:1'])).toThrow('http');
});

it('bounds headers, requests, idle time and connections', async () => {
  const { server } = await bindListener(parseListener('http://127.0.0.1:0'), () => {}, noTls);
  try {
    expect(server.headersTimeout).toBe(30_000);
    expect(server.requestTimeout).toBe(120_000);
    expect(server.keepAliveTimeout).toBe(30_000);
    expect(server.maxConnections).toBe(1024);
  } finally {
    await closeListener(server, 0);
  }
});

it('closes connections beyond the limit and goes on with the others', async () => {
  const { server, url } = await bindListener(
    parseListener('http://127.0.0.1:0'),
    (_request, response) => response.end('still here'),
    noTls,
  );
  server.maxConnections = 1;
  const port = Number(new URL(url).port);
  const first = connect(port, '127.0.0.1');
  try {
    await new Promise((resolve) => first.once('connect', resolve));
    const second = connect(port, '127.0.0.1');
    await new Promise((resolve) => second.once('close', resolve).resume());
    const answer = new Promise((resolve) => first.once('data', (data) => resolve(String(data))));
    first.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
    expect(await answer).toContain('still here');
  } finally {
    first.destroy();
    await closeListener(server, 0);
  }
});

it('names a port that is in use', async () => {
  const { server, url } = await bindListener(parseListener('http://127.0.0.1:0'), () => {}, noTls);
  try {
    await expect(bindListener(parseListener(url), () => {}, noTls)).rejects.toThrow(
      'the port is in use',
    );
  } finally {
    await closeListener(server, 0);
  }
});

it('cuts requests that are not answered when closing takes too long', async () => {
  const asked = Promise.withResolvers<void>();
  const { server, url } = await bindListener(
    parseListener('http://127.0.0.1:0'),
    () => asked.resolve(),
    noTls,
  );
  const answer = expect(fetch(url)).rejects.toThrow();
  await asked.promise;
  await closeListener(server, 1);
  await answer;
});

it('says that it listens on all interfaces where no host is named', async () => {
  const { server, listensOn } = await bindListener(parseListener('http://:0'), () => {}, noTls);
  expect(listensOn).toMatch(/^http:\/\/\*:\d+\/ \(all interfaces\)$/);
  await closeListener(server, 0);
  const local = await bindListener(parseListener('http://127.0.0.1:0'), () => {}, noTls);
  expect(local.listensOn).toBe(`${local.url}/`);
  await closeListener(local.server, 0);
});
