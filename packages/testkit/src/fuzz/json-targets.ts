import { JsonConverterPlugin } from '@tributary/converters';
import {
  type Converter,
  DataError,
  NumberFormatError,
  type Schema,
  schemasEqual,
  valuesEqual,
} from '@tributary/sdk';
import { answerOf, bytesOf, type FuzzTarget, PropertyError } from './fuzz-target.ts';

/** Bytes are read the same by a converter that has seen many and by a new one; what was read can be written, and reads back as it is. */
const read: FuzzTarget = {
  name: 'json-read',
  run(input) {
    const bytes = bytesOf(input);
    requireSameInEnvelope(bytes);
    return readers
      .map(({ config, used }) => {
        const first = attempt(() => used.toConnectData('t', bytes, null));
        const second = attempt(() => used.toConnectData('t', bytes, null));
        const fresh = attempt(() => jsonConverter(config).toConnectData('t', bytes, null));
        requireSame(first, second, 'read twice');
        requireSame(first, fresh, 'read by a new converter');
        if ('answer' in first) return first.answer;
        return `${first.schema?.type} ${typeof first.value} ${writeAndRead(used, first)}`;
      })
      .join();
  },
};

/** Values meet schemas that were not theirs: written, or refused as data. */
const write: FuzzTarget = {
  name: 'json-write',
  run(input) {
    const bytes = bytesOf(input);
    const free = attempt(() => plain.toConnectData('t', bytes, null));
    if ('answer' in free) return free.answer;
    const isEnvelope = free.value instanceof Map && free.value.has('schema');
    if (!isEnvelope) return writeAndRead(plain, free);
    const { schema, payload } = Object.fromEntries(free.value as Map<string, unknown>);
    const header = Buffer.from(
      plain.fromConnectData('t', null, { schema, payload: null }, null) ?? '',
    );
    const typed = attempt(() => enveloped.toConnectData('t', header, null));
    if ('answer' in typed) return typed.answer;
    return [numeric, enveloped]
      .map((converter) => writeAndRead(converter, { schema: typed.schema, value: payload ?? null }))
      .join();
  },
};

export const jsonTargets: readonly FuzzTarget[] = [read, write];

const enveloped = jsonConverter({});
const plain = jsonConverter({ 'schemas.enable': 'false' });
const numeric = jsonConverter({
  'decimal.format': 'NUMERIC',
  'replace.null.with.default': 'false',
});
const readers = [
  { config: {}, used: jsonConverter({ 'schemas.cache.size': '2' }) },
  { config: { 'schemas.enable': 'false' }, used: plain },
  fixed('{"type":"map","keys":{"type":"string"},"values":{"type":"int64","optional":true}}'),
];

function fixed(schema: string): { config: Record<string, string>; used: Converter } {
  const config = { 'schema.content': schema };
  return { config, used: jsonConverter(config) };
}

function jsonConverter(config: Record<string, string>): Converter {
  const converter = JsonConverterPlugin.create();
  converter.configure(config, false);
  return converter;
}

type Read = { schema: Schema | null; value: unknown };

function attempt<T>(action: () => T): T | { answer: string } {
  try {
    return action();
  } catch (error) {
    if (DataError.is(error) || NumberFormatError.is(error)) return { answer: answerOf(error) };
    throw error;
  }
}

/** Without schema a payload is the value that it is as a message of its own. */
function requireSameInEnvelope(bytes: Uint8Array): void {
  try {
    JSON.parse(Buffer.from(bytes).toString('utf8'));
  } catch {
    return;
  }
  const envelope = Buffer.concat([
    Buffer.from('{"schema":null,"payload":'),
    bytes,
    Buffer.from('}'),
  ]);
  const found = attempt(() => plain.toConnectData('t', bytes, null));
  const expected = attempt(() => enveloped.toConnectData('t', envelope, null));
  const isRefused = 'answer' in found || 'answer' in expected;
  if (
    isRefused
      ? !('answer' in found && 'answer' in expected)
      : !valuesEqual(found.value, expected.value)
  ) {
    throw new PropertyError('Another value in an envelope');
  }
}

function requireSame(
  a: Read | { answer: string },
  b: Read | { answer: string },
  what: string,
): void {
  const isSame =
    'answer' in a || 'answer' in b
      ? 'answer' in a && 'answer' in b && a.answer === b.answer
      : schemasEqual(a.schema, b.schema) && valuesEqual(a.value, b.value);
  if (!isSame) throw new PropertyError(`Another result when ${what}`);
}

/** From the second time on nothing changes: at first NaN, infinities and nulls with a default do. */
function writeAndRead(converter: Converter, { schema, value }: Read): string {
  const once = attempt(() => readBack(converter, schema, value));
  if ('answer' in once) return once.answer;
  const twice = attempt(() => readBack(converter, once.schema, once.value));
  requireSame(once, twice, 'written and read again');
  return 'same';
}

function readBack(converter: Converter, schema: Schema | null, value: unknown): Read {
  return converter.toConnectData('t', converter.fromConnectData('t', schema, value, null), null);
}
