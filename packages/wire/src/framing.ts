import type { Api } from './api.ts';
import { apis } from './apis.ts';
import type { Reader } from './reader.ts';
import { Writer } from './writer.ts';

const apiVersionsKey = 18;
const controlledShutdownKey = 7;

export interface RequestHeader {
  readonly apiKey: number;
  readonly apiVersion: number;
  readonly correlationId: number;
  readonly clientId: string | null;
}

/**
 * A request ready for the socket: int32 length of what follows, then the header (int16 key, int16 version, int32 correlation id,
 * client id as a classic nullable string; in flexible versions tagged fields), then the body.
 */
export function encodeRequest<Req, Res>(
  api: Api<Req, Res>,
  version: number,
  correlationId: number,
  clientId: string | null,
  value: Req,
): Buffer {
  const writer = new Writer();
  writeRequest(writer, api, version, correlationId, clientId, value);
  return writer.finish();
}

/** The same bytes in parts: record batches are not copied, so they must stay as they are until the socket has taken them. */
export function encodeRequestParts<Req, Res>(
  api: Api<Req, Res>,
  version: number,
  correlationId: number,
  clientId: string | null,
  value: Req,
): Buffer[] {
  const writer = new Writer(256, true);
  writeRequest(writer, api, version, correlationId, clientId, value);
  return writer.finishParts();
}

function writeRequest<Req, Res>(
  writer: Writer,
  api: Api<Req, Res>,
  version: number,
  correlationId: number,
  clientId: string | null,
  value: Req,
): void {
  writer.int32(0);
  writer.int16(api.key);
  writer.int16(version);
  writer.int32(correlationId);
  writer.nullableString(clientId);
  if (version >= api.flexibleFrom) writer.emptyTaggedFields();
  api.request.encode(writer, value, version);
  writer.setLengthPrefix(writer.length - 4);
}

/**
 * Reads the header of a request; the reader then stands at the body. `reader` holds one frame without its length prefix.
 * The header of a key that has no table is read in its first form; version 0 of ControlledShutdown had no client id.
 */
export function decodeRequestHeader(reader: Reader): RequestHeader {
  const apiKey = reader.int16();
  const apiVersion = reader.int16();
  const correlationId = reader.int32();
  if (apiKey === controlledShutdownKey && apiVersion === 0) {
    return { apiKey, apiVersion, correlationId, clientId: null };
  }
  const clientId = reader.nullableString();
  // ApiVersions of a version from the future has a flexible header too, so that it can be answered.
  const api = apis.get(apiKey);
  if (api !== undefined && apiVersion >= api.flexibleFrom) reader.skipTaggedFields();
  return { apiKey, apiVersion, correlationId, clientId };
}

/** A response ready for the socket: int32 length, int32 correlation id, in flexible versions tagged fields, then the body. */
export function encodeResponse<Req, Res>(
  api: Api<Req, Res>,
  version: number,
  correlationId: number,
  value: Res,
): Buffer {
  const writer = new Writer();
  writeResponse(writer, api, version, correlationId, value);
  return writer.finish();
}

/** The same bytes in parts: record batches are not copied, so they must stay as they are until the socket has taken them. */
export function encodeResponseParts<Req, Res>(
  api: Api<Req, Res>,
  version: number,
  correlationId: number,
  value: Res,
): Buffer[] {
  const writer = new Writer(256, true);
  writeResponse(writer, api, version, correlationId, value);
  return writer.finishParts();
}

function writeResponse<Req, Res>(
  writer: Writer,
  api: Api<Req, Res>,
  version: number,
  correlationId: number,
  value: Res,
): void {
  writer.int32(0);
  writer.int32(correlationId);
  if (hasFlexibleResponseHeader(api, version)) writer.emptyTaggedFields();
  api.response.encode(writer, value, version);
  writer.setLengthPrefix(writer.length - 4);
}

/** The correlation id; the reader then stands at the body. `reader` holds one frame without its length prefix. */
export function decodeResponseHeader<Req, Res>(
  reader: Reader,
  api: Api<Req, Res>,
  version: number,
): number {
  const correlationId = reader.int32();
  if (hasFlexibleResponseHeader(api, version)) reader.skipTaggedFields();
  return correlationId;
}

/** An ApiVersions response never has: a client must be able to read it before it knows what the broker speaks. */
function hasFlexibleResponseHeader<Req, Res>(api: Api<Req, Res>, version: number): boolean {
  return api.key !== apiVersionsKey && version >= api.flexibleFrom;
}
