import { describe, expect, test } from 'vitest';
import {
  decodeRequestHeader,
  decodeResponseHeader,
  encodeRequest,
  encodeRequestParts,
  encodeResponse,
  encodeResponseParts,
} from './framing.ts';
import { fetchApi } from './messages/01-fetch.ts';
import { metadataApi } from './messages/03-metadata.ts';
import { joinGroupApi } from './messages/11-join-group.ts';
import { apiVersionsApi } from './messages/18-api-versions.ts';
import { Reader } from './reader.ts';
import { WireError } from './wire-error.ts';

const fetch = { maxWaitMs: 1, minBytes: 1, topics: [] };

describe('request headers', () => {
  test('an ApiVersions request of a future version can be read as far as its version', () => {
    const frame = encodeRequest(apiVersionsApi, 3, 5, 'someone', {});
    frame.writeInt16BE(99, 6);
    const header = decodeRequestHeader(new Reader(frame, 4));
    expect(header).toEqual({ apiKey: 18, apiVersion: 99, correlationId: 5, clientId: 'someone' });
  });

  test('ControlledShutdown version 0 has no client id', () => {
    const header = decodeRequestHeader(new Reader(Buffer.from('0007000000000005', 'hex')));
    expect(header).toEqual({ apiKey: 7, apiVersion: 0, correlationId: 5, clientId: null });
  });

  test('an unknown key still gives the correlation id', () => {
    const frame = Buffer.from('7fff000200000005ffff00', 'hex');
    expect(decodeRequestHeader(new Reader(frame))).toMatchObject({
      apiKey: 32767,
      correlationId: 5,
    });
  });

  test('a missing client id is null', () => {
    const reader = new Reader(encodeRequest(metadataApi, 12, 1, null, { topics: null }), 4);
    expect(decodeRequestHeader(reader).clientId).toBeNull();
    expect(metadataApi.request.decode(reader, 12).topics).toBeNull();
  });
});

test('an ApiVersions response has the oldest header in its flexible versions too', () => {
  const frame = encodeResponse(apiVersionsApi, 3, 9, { errorCode: 35, apiKeys: [] });
  expect(frame.toString('hex')).toBe('0000000c000000090023010000000000');
  const reader = new Reader(frame, 4);
  expect(decodeResponseHeader(reader, apiVersionsApi, 3)).toBe(9);
  expect(apiVersionsApi.response.decode(reader, 3)).toMatchObject({ errorCode: 35 });
});

describe('values that do not fit', () => {
  const encode = (version: number, value: object) => () =>
    encodeRequest(fetchApi, version, 1, null, { ...fetch, ...value });

  test('a field that the version lacks is named, unless it may be dropped', () => {
    expect(encode(4, { forgottenTopicsData: [{ partitions: [1] }] })).toThrow(
      'Fetch request version 4, "forgottenTopicsData": version 4 cannot carry a value here',
    );
    expect(
      encode(4, { sessionId: 8, rackId: 'a', clusterId: 'c', forgottenTopicsData: [] }),
    ).not.toThrow();
  });

  test('the place of a wrong value is named from the outside in', () => {
    const partition = { partition: 2 ** 31, fetchOffset: 0n, partitionMaxBytes: 1 };
    const topics = [
      { topic: 'a', partitions: [] },
      { topic: 'b', partitions: [partition] },
    ];
    expect(encode(12, { topics })).toThrow(
      'Fetch request version 12, "topics[1].partitions[0].partition": 2147483648 is not a valid int32',
    );
  });

  test('a missing field is not written as zero', () => {
    const topics = [{ topic: 'a', partitions: [{ partition: 0, fetchOffset: 0n }] }];
    expect(encode(12, { topics })).toThrow(
      'partitionMaxBytes": a missing value is not a valid int32',
    );
    expect(encode(12, { topics: undefined })).toThrow('"topics": an array is missing');
    expect(encode(12, { topics: [null] })).toThrow('"topics[0]": a structure is missing');
  });

  test('null is refused where the version does not allow it', () => {
    expect(() => encodeRequest(metadataApi, 0, 1, null, { topics: null })).toThrow(
      'Metadata request version 0, "topics": version 0 does not allow null here',
    );
    expect(encode(12, { topics: [{ topic: null, partitions: [] }] })).toThrow(
      'null is not a valid string',
    );
  });

  test('a version outside the range is refused', () => {
    expect(encode(3, {})).toThrow('Fetch request has no version 3, only 4 to 18');
    expect(encode(1.5, {})).toThrow(WireError);
  });
});

describe('tagged fields', () => {
  test('unknown ones are skipped', () => {
    const plain = encodeRequest(fetchApi, 12, 1, null, fetch).subarray(4 + 11);
    // In place of the empty tags at the end: tag 5 with three bytes, tag 300 with none.
    const tags = Buffer.from([2, 5, 3, 1, 2, 3, 0xac, 0x02, 0]);
    const reader = new Reader(Buffer.concat([plain.subarray(0, -1), tags]));
    const expected = fetchApi.request.decode(new Reader(plain), 12);
    expect(fetchApi.request.decode(reader, 12)).toEqual(expected);
    expect(reader.remaining).toBe(0);
  });

  test('those with their defaults are left out', () => {
    const given = { ...fetch, clusterId: null, replicaState: { replicaId: -1, replicaEpoch: -1n } };
    const bare = encodeRequest(fetchApi, 15, 1, null, fetch);
    expect(encodeRequest(fetchApi, 15, 1, null, given)).toEqual(bare);
    const ours = { ...fetch, replicaState: { replicaId: 3 } };
    const reader = new Reader(encodeRequest(fetchApi, 15, 1, null, ours), 15);
    expect(fetchApi.request.decode(reader, 15).replicaState).toEqual({
      replicaId: 3,
      replicaEpoch: -1n,
    });
  });
});

test('parts are the same bytes, with large batches as they were given', () => {
  const [small, large] = [Buffer.alloc(100, 1), Buffer.alloc(50_000, 2)];
  const partition = (partitionIndex: number, records: Buffer) => {
    const rest = { errorCode: 0, highWatermark: 9n, abortedTransactions: null };
    return { partitionIndex, records, ...rest };
  };
  const partitions = [large, small, large, large, small].map((batch, at) => partition(at, batch));
  const topics = [{ topic: 't'.repeat(300), partitions }];
  for (const version of [4, 12]) {
    const whole = encodeResponse(fetchApi, version, 6, { responses: topics });
    const parts = encodeResponseParts(fetchApi, version, 6, { responses: topics });
    expect(Buffer.concat(parts).equals(whole)).toBe(true);
    expect(parts.filter((part) => part.buffer === large.buffer)).toHaveLength(3);
    expect(whole.readInt32BE(0)).toBe(whole.length - 4);
  }
  const [only, ...others] = encodeRequestParts(fetchApi, 12, 1, null, fetch);
  expect(only).toEqual(encodeRequest(fetchApi, 12, 1, null, fetch));
  expect(others).toEqual([]);
});

test('decoded byte fields are slices, not copies', () => {
  const protocols = [{ name: 'range', metadata: Buffer.from('meta') }];
  const frame = encodeRequest(joinGroupApi, 9, 1, null, {
    groupId: 'g',
    sessionTimeoutMs: 1,
    memberId: '',
    protocolType: 'connect',
    protocols,
  });
  const reader = new Reader(frame, 4);
  decodeRequestHeader(reader);
  const { metadata } = joinGroupApi.request.decode(reader, 9).protocols[0] as { metadata: Buffer };
  expect(metadata.toString()).toBe('meta');
  expect(metadata.buffer).toBe(frame.buffer);
});

test('an array that claims more elements than bytes are left is refused before anything is made', () => {
  const body = Buffer.from('7fffffff', 'hex');
  expect(() => metadataApi.request.decode(new Reader(body), 1)).toThrow(
    'Metadata request version 1, "topics": the array before byte 4 claims 2147483647 elements; 0 bytes are left',
  );
});
