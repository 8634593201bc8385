import { HerderError } from '@tributary/runtime';
import { expect, it } from 'vitest';
import { ask, startServer } from './testing/test-server.ts';

it('answers nothing but 404 until it serves, then root and health', async () => {
  await using server = await startServer({ isServing: false });
  expect(await server.ask('GET', '/')).toMatchObject({ status: 404 });
  server.serve();
  expect(await server.ask('GET', '/')).toMatchObject({
    status: 200,
    json: { version: '4.3.1', commit: '0f1e2d3c4b5a6978', kafka_cluster_id: clusterId },
  });
  const message = 'Worker has completed startup and is ready to handle requests.';
  expect(await server.ask('GET', '/health')).toMatchObject({
    status: 200,
    json: { status: 'healthy', message },
  });
});

it('tells with /health whether a worker that does not answer has ever been ready', async () => {
  await using server = await startServer();
  const stage = 'The worker is currently starting';
  server.herder.health = async () => ({ isReady: false, stage });
  expect(await server.ask('GET', '/health')).toMatchObject({
    status: 503,
    json: { status: 'starting', message: `Worker is still starting up. ${stage}.` },
  });
  server.herder.health = async () => ({ isReady: true, stage: null });
  await server.ask('GET', '/health');
  server.herder.health = async () => ({ isReady: false, stage: null });
  expect(await server.ask('GET', '/health')).toMatchObject({
    status: 500,
    json: { status: 'unhealthy' },
  });
});

it('creates a connector, shows it in every shape and deletes it', async () => {
  await using server = await startServer();
  const config = { 'tasks.max': '1', name: 'a b' };
  const info = { name: 'a b', config, tasks: [{ connector: 'a b', task: 0 }], type: 'source' };
  const running = { state: 'RUNNING', worker_id: '127.0.0.1:8083', version: '4.3.1' };
  const status = {
    name: 'a b',
    connector: running,
    tasks: [{ id: 0, ...running }],
    type: 'source',
  };

  const created = await server.ask(
    'POST',
    '/connectors',
    '{"name":" a b ","config":{"tasks.max":1}}',
  );
  expect(created).toMatchObject({ status: 201, json: info });
  expect(created.headers.location).toBe(`${server.url}/connectors/a%20b`);
  const again = await server.ask('POST', '/connectors', '{"name":"a b","config":{}}');
  expect(again).toMatchObject(failed(409, 'Connector a b already exists'));

  const shapes = {
    '/connectors': ['a b'],
    '/connectors?expand=status&expand=info': { 'a b': { status, info } },
    '/connectors?expand=other': { 'a b': {} },
    '/connectors/a%20b': info,
    '/connectors/a%20b/': info,
    '/connectors/a%20b/config': config,
    '/connectors/a%20b/status': status,
    '/connectors/a%20b/tasks': [{ id: { connector: 'a b', task: 0 }, config }],
    '/connectors/a%20b/tasks/0/status': { ...running, id: 0 },
    '/connectors/a%20b/topics': { 'a b': { topics: ['t'] } },
  };
  for (const [path, json] of Object.entries(shapes)) {
    expect(await server.ask('GET', path), path).toMatchObject({ status: 200, json });
  }
  const deleted = await server.ask('DELETE', '/connectors/a%20b');
  expect(deleted).toMatchObject({ status: 204, text: '' });
  const gone = await server.ask('GET', '/connectors/a%20b');
  expect(gone).toMatchObject(failed(404, 'Connector a b not found'));
});

it('leaves out of expand what has no status yet', async () => {
  await using server = await startServer();
  await server.create('a');
  server.herder.connectorStatus = async () => {
    throw new HerderError(404, 'No status found for connector a');
  };
  const listed = await server.ask('GET', '/connectors?expand=status');
  expect(listed).toMatchObject({ status: 200, json: {} });
});

it('puts and patches a config', async () => {
  await using server = await startServer();
  const created = await server.ask(
    'PUT',
    '/connectors/a/config',
    '{"n":9007199254740993,"b":true}',
  );
  const config = { n: '9007199254740993', b: 'true', name: 'a' };
  expect(created).toMatchObject({ status: 201, json: { config } });
  expect(await server.ask('PUT', '/connectors/a/config', '{}')).toMatchObject({ status: 200 });
  const other = await server.ask('PUT', '/connectors/a/config', '{"name":"b"}');
  const mismatch = `Connector name configuration (b) doesn't match connector name in the URL (a)`;
  expect(other).toMatchObject(failed(400, mismatch));
  const patched = await server.ask('PATCH', '/connectors/a/config', '{"n":null,"m":"1"}');
  expect(patched.status).toBe(200);
  expect(server.herder.calls.at(-1)).toEqual(['patchConnectorConfig', 'a', { n: null, m: '1' }]);
});

it.each([
  ['RUNNING', 'STARTED'],
  ['paused', 'PAUSED'],
  ['Stopped', 'STOPPED'],
])('creates with the initial state %s', async (state, targetState) => {
  await using server = await startServer();
  const body = JSON.stringify({ name: 'a', config: {}, initial_state: state });
  expect((await server.ask('POST', '/connectors', body)).status).toBe(201);
  expect(server.herder.calls.at(-1)?.at(-1)).toEqual({ allowReplace: false, targetState });
});

it('hands on commands and their flags', async () => {
  await using server = await startServer();
  await server.create('a');
  const commands: [string, string, number, unknown[]][] = [
    ['PUT', 'pause', 202, ['pause', 'a']],
    ['PUT', 'resume', 202, ['resume', 'a']],
    ['PUT', 'stop', 204, ['stop', 'a']],
    ['PUT', 'topics/reset', 202, ['resetActiveTopics', 'a']],
    ['POST', 'restart', 204, ['restart', 'a']],
    ['POST', 'restart?includeTasks=no', 204, ['restart', 'a']],
    ['POST', 'restart?includeTasks=TRUE', 202, restart(true, false)],
    ['POST', 'restart?onlyFailed=true', 202, restart(false, true)],
    ['POST', 'restart?includeTasks=true&onlyFailed=true', 202, restart(true, true)],
    ['POST', 'tasks/0/restart', 204, ['restartTask', 'a', 0]],
  ];
  for (const [method, path, status, call] of commands) {
    const answer = await server.ask(method, `/connectors/a/${path}`);
    expect(answer.status, path).toBe(status);
    expect(server.herder.calls.at(-1), path).toEqual(call);
  }
  const unknown = await server.ask('PUT', '/connectors/b/pause');
  expect(unknown).toMatchObject(failed(404, 'Unknown connector b'));
  for (const task of ['x', '2147483648', '1.5']) {
    const answer = await server.ask('POST', `/connectors/a/tasks/${task}/restart`);
    expect(answer, task).toMatchObject(failed(404, 'HTTP 404 Not Found'));
  }
});

it('reads, alters and resets offsets without rounding them', async () => {
  await using server = await startServer();
  const body = '{"offsets":[{"partition":{"p":1},"offset":{"o":9007199254740993}}]}';
  expect(await server.ask('GET', '/connectors/a/offsets')).toMatchObject({
    status: 200,
    text: body,
  });
  const altered = await server.ask('PATCH', '/connectors/a/offsets', body);
  expect(altered).toMatchObject({ status: 200, json: { message: 'altered' } });
  const offsets = [{ partition: { p: 1 }, offset: { o: 9007199254740993n } }];
  expect(server.herder.calls.at(-1)).toEqual(['alterConnectorOffsets', 'a', offsets]);
  const reset = await server.ask('DELETE', '/connectors/a/offsets');
  expect(reset).toMatchObject({ status: 200, json: { message: 'reset' } });
  const needed = 'Partitions / offsets need to be provided for an alter offsets request';
  for (const empty of ['{}', '{"offsets":[]}']) {
    const answer = await server.ask('PATCH', '/connectors/a/offsets', empty);
    expect(answer).toMatchObject(failed(400, needed));
  }
  for (const wrong of ['[]', '{"offsets":{}}', '{"other":1}', '{"offsets":[1]}']) {
    expect((await server.ask('PATCH', '/connectors/a/offsets', wrong)).status, wrong).toBe(500);
  }
});

it('refuses topics where tracking or its reset is off', async () => {
  await using server = await startServer();
  Object.assign(server.herder.topicTracking, { isResetAllowed: false });
  const reset = await server.ask('PUT', '/connectors/a/topics/reset');
  expect(reset).toMatchObject(failed(403, 'Topic tracking reset is disabled.'));
  Object.assign(server.herder.topicTracking, { isEnabled: false });
  const topics = await server.ask('GET', '/connectors/a/topics');
  expect(topics).toMatchObject(failed(403, 'Topic tracking is disabled.'));
});

it('lists plugins, shows their keys and validates a config', async () => {
  await using server = await startServer();
  const sink = { class: 'a.Sink', type: 'sink', version: '1' };
  const all = [sink, { class: 'a.Cast', type: 'transformation' }];
  expect((await server.ask('GET', '/connector-plugins')).json).toEqual([sink]);
  expect((await server.ask('GET', '/connector-plugins?connectorsOnly=false')).json).toEqual(all);
  expect((await server.ask('GET', '/connector-plugins/Sink/config')).json).toEqual([]);
  const validate = '/connector-plugins/Sink/config/validate';
  const valid = await server.ask('PUT', validate, '{"connector.class":"a.SinkConnector"}');
  expect(valid).toMatchObject({ status: 200, json: { error_count: 0 } });
  const other = await server.ask('PUT', validate, '{"connector.class":"a.Source"}');
  const text = 'Included connector type a.Source does not match request type Sink';
  expect(other).toMatchObject(failed(400, text));
});

it('shows and sets levels of loggers', async () => {
  await using server = await startServer();
  const root = { level: 'INFO', last_modified: null };
  expect((await server.ask('GET', '/admin/loggers')).json).toEqual({ root });
  expect((await server.ask('GET', '/admin/loggers/ROOT')).json).toEqual(root);
  const missing = await server.ask('GET', '/admin/loggers/x');
  expect(missing).toMatchObject(failed(404, 'Logger x not found.'));
  const set = await server.ask('PUT', '/admin/loggers/x', '{"level":"debug"}');
  expect(set).toMatchObject({ status: 200, json: ['x'] });
  const same = await server.ask('PUT', '/admin/loggers/x?scope=other', '{"level":"debug"}');
  expect(same).toMatchObject({ status: 200, json: [] });
  const all = await server.ask('PUT', '/admin/loggers/x?scope=CLUSTER', '{"level":"WARN"}');
  expect(all).toMatchObject({ status: 204, text: '' });
  const bad = await server.ask('PUT', '/admin/loggers/x', '{"level":"loud"}');
  expect(bad).toMatchObject(failed(404, "invalid log level 'loud'."));
  const none = await server.ask('PUT', '/admin/loggers/x', '{}');
  const text = "Desired 'level' parameter was not specified in request.";
  expect(none).toMatchObject(failed(400, text));
});

it('refuses bodies that are no config, without quoting them', async () => {
  await using server = await startServer();
  const bodies = [
    '',
    '{"password":"s3cret"',
    '[1]',
    'null',
    '{"k":{"password":"s3cret"}}',
    '{"k":[]}',
  ];
  for (const body of bodies) {
    const answer = await server.ask('PUT', '/connectors/a/config', body);
    expect(answer, body).toMatchObject({ status: 500, json: { error_code: 500 } });
    expect(answer.text).not.toContain('s3cret');
  }
  const unknown = await server.ask('POST', '/connectors', '{"name":"a","config":{},"x":1}');
  expect(unknown.json).toMatchObject({ error_code: 500, message: expect.stringContaining('"x"') });
  expect(server.herder.calls).toEqual([]);
});

it('bounds bodies, headers and paths, and lives on', async () => {
  await using server = await startServer();
  // Only announced: an answer while the body is still on its way could be lost with the connection.
  const headers = { 'Content-Type': 'application/json', 'Content-Length': 10 * 1024 ** 2 + 1 };
  const large = await ask(server.url, 'PUT', '/connectors/a/config', null, headers);
  expect(large.status).toBe(413);
  expect(large.text).toContain('larger than 10 MiB');
  const many = await server.ask('GET', '/', undefined, { 'X-Long': 'x'.repeat(17 * 1024) });
  expect(many.status).toBe(431);
  expect(await server.ask('GET', '/connectors')).toMatchObject({ status: 200, json: [] });
});

it('refuses bad paths with a page, whatever they try to reach', async () => {
  await using server = await startServer();
  for (const path of [
    '/connectors/a%2Fb',
    '//connectors',
    '/%2e%2e/admin/loggers',
    '/connectors/%zz',
  ]) {
    const answer = await server.ask('GET', path);
    expect(answer, path).toMatchObject({ status: 400, headers: { 'content-type': pageType } });
  }
  expect((await server.ask('GET', '/connectors/..')).status).toBe(404);
  const nul = await server.ask('GET', '/connectors/a%00b');
  expect(nul).toMatchObject(failed(404, 'Connector a\0b not found'));
});

it('answers other methods, types and paths as JAX-RS does', async () => {
  await using server = await startServer();
  const unknown = await server.ask('GET', '/nothing');
  expect(unknown).toMatchObject(failed(404, 'HTTP 404 Not Found'));
  expect(unknown.headers['content-type']).toBeUndefined();
  const method = await server.ask('DELETE', '/connectors');
  expect(method).toMatchObject(failed(405, 'HTTP 405 Method Not Allowed'));
  expect(method.headers.allow).toBeUndefined();
  const accept = await server.ask('GET', '/connectors', undefined, { Accept: 'text/html' });
  expect(accept).toMatchObject(failed(406, 'HTTP 406 Not Acceptable'));
  const form = await server.ask('POST', '/connectors', 'a=1', { 'Content-Type': 'text/plain' });
  expect(form).toMatchObject(failed(415, 'HTTP 415 Unsupported Media Type'));
  const options = await server.ask('OPTIONS', '/connectors');
  expect(options).toMatchObject({
    status: 200,
    text: '',
    headers: { allow: 'GET,HEAD,OPTIONS,POST' },
  });
  expect(await server.ask('HEAD', '/connectors')).toMatchObject({ status: 200, text: '' });
});

it('ends a call that the herder does not answer', async () => {
  await using server = await startServer({ requestTimeoutMs: 1 });
  server.herder.connectors = () => new Promise(() => {});
  const stage = 'The worker is currently starting';
  server.herder.health = async () => ({ isReady: true, stage });
  const answer = await server.ask('GET', '/connectors');
  expect(answer).toMatchObject(failed(500, `Request timed out. ${stage}.`));
});

it('logs each request without query, body or the text of a failed validation', async () => {
  await using server = await startServer();
  server.herder.validateConfig = async () => {
    throw new HerderError(400, 'Connector config {password=s3cret} contains no connector type');
  };
  const validate = '/connector-plugins/x/config/validate?token=s3cret';
  const answer = await server.ask('PUT', validate, '{"password":"s3cret"}');
  expect(answer.status).toBe(500);
  expect(answer.text).toContain('contains no connector type');
  await server.ask('PUT', '/connectors/a/config?password=s3cret', '{"password":"s3cret"}');
  await server.ask('PUT', '/connectors/a/config', '{"password":"s3cret');
  await server.close();
  const log = server.lines.join('\n');
  expect(log).toContain('"PUT /connectors/a/config HTTP/1.1" 201');
  expect(log).not.toContain('s3cret');
});

it('applies CORS and header rules to the main listeners, not to admin listeners of their own', async () => {
  await using server = await startServer({
    config: {
      'access.control.allow.origin': 'http://ui',
      'response.http.headers.config': 'add X-One: 1',
      'admin.listeners': 'http://127.0.0.1:0',
    },
  });
  const main = await server.ask('GET', '/connectors', undefined, { Origin: 'http://ui' });
  expect(main.headers).toMatchObject({ 'access-control-allow-origin': 'http://ui', 'x-one': '1' });
  expect((await server.ask('GET', '/admin/loggers')).status).toBe(404);
  const admin = await ask(server.adminUrl, 'GET', '/admin/loggers', undefined, {});
  expect(admin.status).toBe(200);
  expect(admin.headers['x-one']).toBeUndefined();
});

const clusterId = 'Xq3vT0aBRk6mZs1uYp8LwQ';
const pageType = 'text/html;charset=iso-8859-1';

function failed(status: number, message: string): object {
  return { status, json: { error_code: status, message } };
}

function restart(includeTasks: boolean, onlyFailed: boolean): unknown[] {
  return ['restartConnectorAndTasks', 'a', { includeTasks, onlyFailed }];
}
