import {
  type Converter,
  DataError,
  type Headers,
  NULL_SCHEMA_AND_VALUE,
  parseConfig,
  type Schema,
  type SchemaAndValue,
} from '@tributary/sdk';
import { withType } from './converter-type.ts';
import { schemalessBytes } from './json-bytes.ts';
import { jsonConverterConfig } from './json-config.ts';
import { compileDecoder, type Decoder, decodeSchemaless, hasDecimals } from './json-decoder.ts';
import { compileEncoder, type Encoder } from './json-encoder.ts';
import { decodeJsonBytes } from './json-encoding.ts';
import { EnvelopeReader, type KnownSchema } from './json-envelope.ts';
import { isTooDeep, maxDepth } from './json-limits.ts';
import { type JsonNode, parseJson } from './json-parser.ts';
import { PlainReader } from './json-plain-reader.ts';
import { schemaFromJson, schemaText } from './json-schema.ts';
import { JsonSyntaxError } from './json-syntax-error.ts';

const readFailure = 'Converting byte[] to Kafka Connect data failed due to serialization error: ';
const writeFailure = 'Converting Kafka Connect data to byte[] failed due to serialization error: ';
const tooDeep = `JSON may be at most ${maxDepth} levels deep`;

interface WrittenSchema {
  readonly encode: Encoder;
  /** What comes before the payload; empty without envelope. */
  readonly prefix: string;
}

/**
 * JSON with its schema in an envelope `{"schema":…,"payload":…}`, or without.
 * What a schema decides is compiled once per schema object. Source: Kafka Connect `JsonConverter`.
 */
export class JsonConverter implements Converter {
  #hasEnvelope = true;
  #options = { isDecimalNumeric: false, replacesNullWithDefault: true };
  #written = new WeakMap<Schema, WrittenSchema>();
  /** The last schema written: most records have the same. */
  #lastSchema: Schema | null = null;
  #lastWritten: WrittenSchema | null = null;
  #envelopes = new EnvelopeReader(1000, (node) => this.#knownSchema(node));
  readonly #plain = new PlainReader();
  /** By `schema.content`. */
  #fixedSchema: KnownSchema | null = null;

  configure(config: Readonly<Record<string, string>>, isKey: boolean): void {
    const parsed = parseConfig(jsonConverterConfig, withType(config, isKey ? 'key' : 'value'));
    this.#hasEnvelope = parsed['schemas.enable'];
    this.#options = {
      isDecimalNumeric: parsed['decimal.format'].toUpperCase() === 'NUMERIC',
      replacesNullWithDefault: parsed['replace.null.with.default'],
    };
    this.#written = new WeakMap();
    this.#lastSchema = null;
    this.#lastWritten = null;
    this.#envelopes = new EnvelopeReader(parsed['schemas.cache.size'], (node) =>
      this.#knownSchema(node),
    );
    const content = parsed['schema.content'];
    const fixed = this.#hasEnvelope && content ? this.#parseContent(content) : null;
    this.#fixedSchema = fixed?.schema === null ? null : fixed;
  }

  fromConnectData(_topic: string, schema: Schema | null, value: unknown): Uint8Array | null {
    try {
      if (schema === null) return this.#writeSchemaless(value);
      const { encode, prefix } = this.#writtenSchema(schema);
      const payload = encode(value);
      if (isTooDeep(payload, prefix === '' ? 0 : 1)) throw new JsonSyntaxError(tooDeep);
      return Buffer.from(prefix === '' ? payload : `${prefix}${payload}}`, 'utf8');
    } catch (error) {
      throw asDataError(error, writeFailure);
    }
  }

  toConnectData(
    _topic: string,
    bytes: Uint8Array | null,
    _headers?: Headers | null,
  ): SchemaAndValue {
    if (bytes === null) return NULL_SCHEMA_AND_VALUE;
    try {
      if (this.#fixedSchema !== null) return readPayload(this.#fixedSchema, bytes);
      return this.#hasEnvelope ? this.#envelopes.read(bytes) : this.#readSchemaless(bytes);
    } catch (error) {
      throw asDataError(error, readFailure);
    }
  }

  #writeSchemaless(value: unknown): Uint8Array | null {
    if (value === null || value === undefined) return null;
    const bytes = this.#hasEnvelope
      ? schemalessBytes('{"schema":null,"payload":', value, '}')
      : schemalessBytes('', value, '');
    // Each level has two brackets.
    if (bytes.length > 2 * maxDepth && isTooDeep(Buffer.from(bytes).toString('latin1'))) {
      throw new JsonSyntaxError(tooDeep);
    }
    return bytes;
  }

  #readSchemaless(bytes: Uint8Array): SchemaAndValue {
    const text = decodeJsonBytes(bytes);
    const value = this.#plain.read(bytes, text);
    if (value !== undefined && value !== null) return { schema: null, value };
    const node = parseJson(text);
    if (node === undefined || node === null) return NULL_SCHEMA_AND_VALUE;
    return { schema: null, value: decodeSchemaless(node) };
  }

  #writtenSchema(schema: Schema): WrittenSchema {
    if (schema === this.#lastSchema && this.#lastWritten !== null) return this.#lastWritten;
    let written = this.#written.get(schema);
    if (written === undefined) {
      const encode = compileEncoder(schema, this.#options);
      const prefix = this.#hasEnvelope
        ? `{"schema":${schemaText(schema, this.#options)},"payload":`
        : '';
      written = { encode, prefix };
      this.#written.set(schema, written);
    }
    this.#lastSchema = schema;
    this.#lastWritten = written;
    return written;
  }

  #knownSchema(node: JsonNode): KnownSchema {
    const schema = schemaFromJson(node, this.#options);
    const decode: Decoder = compileDecoder(schema, this.#options);
    return { schema, decode, exactness: hasDecimals(schema) ? 'digits' : 'numbers' };
  }

  #parseContent(content: string): KnownSchema {
    try {
      return this.#knownSchema(parseJson(content) ?? null);
    } catch (error) {
      if (!(error instanceof JsonSyntaxError)) throw error;
      throw new DataError(
        'Failed to parse schema in converter config due to serialization error: ',
        { cause: error },
      );
    }
  }
}

function readPayload(known: KnownSchema, bytes: Uint8Array): SchemaAndValue {
  const { schema, decode, exactness } = known;
  if (bytes.length === 0) return { schema, value: null };
  return { schema, value: decode(parseJson(decodeJsonBytes(bytes), exactness)) };
}

function asDataError(error: unknown, message: string): unknown {
  const isOurs = error instanceof JsonSyntaxError || error instanceof RangeError;
  return isOurs ? new DataError(message, { cause: error }) : error;
}
