import type { ControlledRequest, Fault } from '@tributary/dev-broker';

/** One request in one line, for who looks for the cause of a failure. */
export function describeRequest({ apiKey, clientId, localPort, body }: ControlledRequest): string {
  return `${clientId} -> ${localPort} ${names[apiKey] ?? apiKey}${apiKey === 0 ? describeBatches(body) : describeOthers(apiKey, body)}`;
}

export function describeFault(fault: Fault | undefined): string {
  if (fault === undefined) return '';
  const detail =
    fault.kind === 'error' ? fault.errorCode : fault.kind === 'delay' ? fault.delayMs : '';
  return `!! ${fault.kind} ${detail}`;
}

const names: Readonly<Record<number, string>> = {
  0: 'Produce',
  1: 'Fetch',
  2: 'ListOffsets',
  3: 'Metadata',
  8: 'OffsetCommit',
  9: 'OffsetFetch',
  10: 'FindCoordinator',
  11: 'JoinGroup',
  12: 'Heartbeat',
  13: 'LeaveGroup',
  14: 'SyncGroup',
  22: 'InitProducerId',
  24: 'AddPartitionsToTxn',
  25: 'AddOffsetsToTxn',
  26: 'EndTxn',
  28: 'TxnOffsetCommit',
};

/** Where the fields of a record batch lie. */
const at = { producerId: 43, epoch: 51, sequence: 53, count: 57 } as const;

function describeBatches(body: unknown): string {
  const { topicData } = body as {
    topicData: readonly {
      partitionData: readonly { index: number; records: Buffer | null }[];
    }[];
  };
  return topicData
    .flatMap(({ partitionData }) => partitionData)
    .map(({ index, records }) => {
      if (records === null) return ` [${index}]`;
      const producer = `${records.readBigInt64BE(at.producerId)}/${records.readInt16BE(at.epoch)}`;
      const first = records.readInt32BE(at.sequence);
      return ` [${index}: ${records.readInt32BE(at.count)} from ${first} of ${producer}]`;
    })
    .join('');
}

const shownFields = [
  'groupId',
  'generationId',
  'memberId',
  'producerId',
  'producerEpoch',
  'committed',
  'topics',
];

function describeOthers(apiKey: number, body: unknown): string {
  if (apiKey === 1 || apiKey === 3 || typeof body !== 'object' || body === null) return '';
  const shown = shownFields.filter((name) => (body as Record<string, unknown>)[name] !== undefined);
  const fields = shown.map((name) => [name, (body as Record<string, unknown>)[name]]);
  return ` ${JSON.stringify(Object.fromEntries(fields), (_, value: unknown) =>
    typeof value === 'bigint' ? Number(value) : value,
  )}`;
}
