import { apiVersionsApi, encodeRequest, Reader } from '@tributary/wire';
import { describe, expect, it } from 'vitest';
import { type Answer, dispatch } from './dispatch.ts';
import type { Fault } from './faults.ts';
import { handlers } from './handlers/index.ts';
import { createTestBroker, type TestBroker } from './testing/create-broker.ts';

const apiVersions = { clientSoftwareName: 'test', clientSoftwareVersion: '1' };

/** A request with no more than the header, which is all that is read of one that is not served. */
function header(apiKey: number, version: number): Buffer {
  const frame = Buffer.alloc(32);
  frame.writeInt16BE(apiKey, 0);
  frame.writeInt16BE(version, 2);
  frame.writeInt32BE(7, 4);
  return frame;
}

function ask(
  { broker }: TestBroker,
  frame: Buffer,
  signal = new AbortController().signal,
): Answer | Promise<Answer> {
  return dispatch(broker, frame, { clientHost: '/test', localPort: 9092, signal, sasl: undefined });
}

/** The frame of a request without its length. */
function versionsRequest(): Buffer {
  return encodeRequest(apiVersionsApi, 3, 7, 'test', apiVersions).subarray(4);
}

describe('a request that is not served', () => {
  const served = [...handlers.values()].filter(({ api }) => api.key !== apiVersionsApi.key);

  it.for(served)('ends the connection: $api.name beyond its versions', (handler) => {
    const test = createTestBroker();
    for (const version of [handler.minVersion - 1, handler.maxVersion + 1, 99]) {
      expect(ask(test, header(handler.api.key, version))).toBe('close');
    }
  });

  it('ends the connection: every API that is not known', () => {
    const test = createTestBroker();
    const unknown = Array.from({ length: 120 }, (_, key) => key).filter(
      (key) => !handlers.has(key),
    );
    expect(unknown.length).toBeGreaterThan(50);
    for (const key of [...unknown, -1, 32_767]) expect(ask(test, header(key, 0))).toBe('close');
  });

  it('is answered with UNSUPPORTED_VERSION where clients ask what is served', () => {
    const answer = ask(createTestBroker(), header(apiVersionsApi.key, 99)) as Buffer;
    const reader = new Reader(answer.subarray(8));
    const { errorCode, apiKeys } = apiVersionsApi.response.decode(reader, 0);
    expect(errorCode).toBe(35);
    expect(apiKeys).toHaveLength(handlers.size);
  });
});

describe('a fault', () => {
  function withFault(fault: Fault): TestBroker {
    const test = createTestBroker();
    test.broker.faults.control(apiVersionsApi.key, fault);
    return test;
  }

  it('changes the answer to a request that is carried out', () => {
    const change = (response: unknown) => ({ ...(response as object), throttleTimeMs: 300 });
    const answer = ask(withFault({ kind: 'change', change }), versionsRequest()) as Buffer;
    const decoded = apiVersionsApi.response.decode(new Reader(answer.subarray(8)), 3);
    expect(decoded).toMatchObject({ errorCode: 0, throttleTimeMs: 300 });
    expect(decoded.apiKeys).toHaveLength(handlers.size);
  });

  it('knows where the request came from', () => {
    const test = createTestBroker();
    const seen: unknown[] = [];
    test.broker.faults.control(apiVersionsApi.key, ({ localPort, clientId }) => {
      seen.push([localPort, clientId]);
      return undefined;
    });
    void ask(test, versionsRequest());
    expect(seen).toEqual([[9092, 'test']]);
  });

  it('delays a request on the clock of the broker, and gives it up with its connection', async () => {
    const test = withFault({ kind: 'delay', delayMs: 1000 });
    const closed = new AbortController();
    const answers = [ask(test, versionsRequest()), ask(test, versionsRequest(), closed.signal)];
    closed.abort();
    expect(await answers[1]).toBe('close');
    test.clock.advance(1000);
    expect(await answers[0]).toBeInstanceOf(Buffer);
  });
});
