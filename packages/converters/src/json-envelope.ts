import { DataError, type Schema, type SchemaAndValue } from '@tributary/sdk';
import { type Decoder, isObject } from './json-decoder.ts';
import { decodeJsonBytes } from './json-encoding.ts';
import {
  type Exactness,
  JsonFraction,
  type JsonNode,
  type JsonObject,
  parseJson,
  parseWhole,
} from './json-parser.ts';

/** A schema read from JSON with what was compiled for it. */
export interface KnownSchema {
  readonly schema: Schema | null;
  readonly decode: Decoder;
  readonly exactness: Exactness;
}

interface KnownStart {
  /** The message's bytes up to the payload: `{"schema":{…},"payload":`. */
  readonly bytes: Buffer;
  readonly known: KnownSchema;
}

const schemaMember = '{"schema":';
const payloadMember = ',"payload":';
const maxStarts = 8;
const closingBrace = 0x7d;

/**
 * Reads messages with an envelope. Messages of one topic mostly begin with the very same bytes, the schema: such a beginning is recognised as a whole, and only
 * the payload is parsed. Any other message is parsed in full; its schema is looked up by its text.
 */
export class EnvelopeReader {
  readonly #maxSchemas: number;
  readonly #compile: (schema: JsonNode) => KnownSchema;
  /** By JSON text, least recently used first. */
  readonly #schemas = new Map<string, KnownSchema>();
  /** Most recently found first. */
  readonly #starts: KnownStart[] = [];

  constructor(maxSchemas: number, compile: (schema: JsonNode) => KnownSchema) {
    this.#maxSchemas = maxSchemas;
    this.#compile = compile;
  }

  read(bytes: Uint8Array): SchemaAndValue {
    return this.#readKnownStart(bytes) ?? this.#readWhole(bytes);
  }

  #readKnownStart(bytes: Uint8Array): SchemaAndValue | null {
    for (let i = 0; i < this.#starts.length; i++) {
      const start = this.#starts[i] as KnownStart;
      if (!startsWith(bytes, start.bytes)) continue;
      if (i > 0) {
        this.#starts.splice(i, 1);
        this.#starts.unshift(start);
      }
      return readAfter(start, bytes);
    }
    return null;
  }

  #readWhole(bytes: Uint8Array): SchemaAndValue {
    const text = decodeJsonBytes(bytes);
    const envelope = checkEnvelope(parseJson(text, 'digits'));
    const known = this.#find(envelope['schema'] as JsonNode);
    const value = known.decode(envelope['payload']);
    this.#remember(text, known);
    return { schema: known.schema, value };
  }

  #find(node: JsonNode): KnownSchema {
    const key = JSON.stringify(node, (_key, value) => {
      if (typeof value === 'bigint') return `#${value}`;
      if (value instanceof JsonFraction) return `#${value.text}`;
      // No text looks like a number that is written as one.
      return typeof value === 'string' && value.startsWith('#') ? `#text ${value}` : value;
    });
    const known = this.#schemas.get(key) ?? this.#compile(node);
    this.#schemas.delete(key);
    this.#schemas.set(key, known);
    if (this.#schemas.size > this.#maxSchemas) {
      this.#schemas.delete(this.#schemas.keys().next().value as string);
    }
    return known;
  }

  /** Learns the message's beginning where it has the usual form. */
  #remember(text: string, known: KnownSchema): void {
    if (!text.startsWith(schemaMember)) return;
    let end = text.indexOf(payloadMember);
    // The same characters may occur within the schema, in a default or a doc: then the part before them is no JSON.
    for (let attempts = 0; end > 0 && attempts < 4; attempts++) {
      if (parseWhole(text.slice(schemaMember.length, end), 'numbers') !== null) {
        const bytes = Buffer.from(text.slice(0, end + payloadMember.length));
        this.#starts.unshift({ bytes, known });
        if (this.#starts.length > maxStarts) this.#starts.pop();
        return;
      }
      end = text.indexOf(payloadMember, end + 1);
    }
  }
}

/** Null when the rest is not exactly one payload and a brace: a duplicate member, trailing bytes, a syntax error. */
function readAfter({ bytes: start, known }: KnownStart, bytes: Uint8Array): SchemaAndValue | null {
  if (bytes[bytes.length - 1] !== closingBrace) return null;
  const payload = decodeJsonBytes(bytes, start.length, bytes.length - 1);
  const parsed = parseWhole(payload, known.exactness, 1);
  if (parsed === null) return null;
  return { schema: known.schema, value: known.decode(parsed.node) };
}

function startsWith(bytes: Uint8Array, start: Buffer): boolean {
  return (
    bytes.length > start.length && Buffer.compare(start, bytes.subarray(0, start.length)) === 0
  );
}

function checkEnvelope(node: JsonNode | undefined): JsonObject {
  const isEnvelope =
    isObject(node) &&
    Object.keys(node).length === 2 &&
    Object.hasOwn(node, 'schema') &&
    Object.hasOwn(node, 'payload');
  if (isEnvelope) return node;
  throw new DataError(
    'JsonConverter with schemas.enable requires "schema" and "payload" fields and may not contain additional fields. ' +
      'If you are trying to deserialize plain JSON data, set schemas.enable=false in your converter configuration.',
  );
}
