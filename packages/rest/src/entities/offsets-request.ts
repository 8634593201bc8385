import { type ConnectorOffset, HerderError } from '@tributary/runtime';
import { HttpError } from '../error-mapping.ts';
import { numberAsValue, parseJson, requireObject } from './json.ts';

/** Body of `PATCH /connectors/{c}/offsets`. Source: Kafka Connect `ConnectorOffsets`. */
export function parseOffsetsRequest(bytes: Uint8Array): ConnectorOffset[] {
  const body = requireObject(parseJson(bytes, numberAsValue), 'offsets', ['offsets']);
  const offsets = body['offsets'] ?? [];
  if (!Array.isArray(offsets)) throw new HttpError(500, '"offsets" is not a JSON array');
  if (offsets.length === 0) {
    throw new HerderError(
      400,
      'Partitions / offsets need to be provided for an alter offsets request',
    );
  }
  return offsets.map((element) => {
    const { partition, offset } = requireObject(element, 'an offset', ['partition', 'offset']);
    return { partition: objectOrNull(partition), offset: objectOrNull(offset) };
  });
}

function objectOrNull(value: unknown): Record<string, unknown> | null {
  return value === null || value === undefined
    ? null
    : requireObject(value, 'a partition or offset');
}
