import * as converters from '@tributary/converters';
import { type Converter, DataError, type HeaderConverter, Schema } from '@tributary/sdk';
import { answerOf, bytesOf, type FuzzTarget, PropertyError } from './fuzz-target.ts';

/** Any bytes are a value or refused as data; a value that was read is written as bytes that are read as that value. */
export const converterTarget: FuzzTarget = {
  name: 'converters',
  run(input) {
    const bytes = bytesOf(input);
    const answers = each.map((converter) => attempt(() => readAndWrite(converter, bytes)));
    return [...answers, attempt(() => readAndWriteHeader(bytes))].join();
  },
};

const each: readonly Converter[] = [
  ...[
    converters.BooleanConverterPlugin,
    converters.ByteArrayConverterPlugin,
    converters.DoubleConverterPlugin,
    converters.FloatConverterPlugin,
    converters.IntegerConverterPlugin,
    converters.LongConverterPlugin,
    converters.ShortConverterPlugin,
    converters.StringConverterPlugin,
  ].map((plugin) => configured(plugin, {})),
  ...['UTF-16', 'UTF-16LE', 'ISO-8859-1', 'US-ASCII', 'windows-1252'].map((encoding) =>
    configured(converters.StringConverterPlugin, { 'converter.encoding': encoding }),
  ),
];
const header: HeaderConverter = converters.SimpleHeaderConverterPlugin.create();
header.configure({});

function configured(plugin: { create(): Converter }, config: Record<string, string>): Converter {
  const converter = plugin.create();
  converter.configure(config, false);
  return converter;
}

function attempt(action: () => string): string {
  try {
    return action();
  } catch (error) {
    if (DataError.is(error)) return answerOf(error);
    throw error;
  }
}

function readAndWrite(converter: Converter, bytes: Uint8Array): string {
  const { schema, value } = converter.toConnectData('t', bytes, null);
  const written = converter.fromConnectData('t', schema, value, null);
  const again = converter.toConnectData('t', written, null);
  const rewritten = converter.fromConnectData('t', again.schema, again.value, null);
  if (Buffer.compare(written ?? Buffer.of(), rewritten ?? Buffer.of()) !== 0) {
    throw new PropertyError('Other bytes when read and written again');
  }
  // A value under a schema that is not its own.
  converter.fromConnectData(
    't',
    new Schema({ type: 'STRING', isOptional: true }),
    String(value),
    null,
  );
  return `${typeof value}`;
}

function readAndWriteHeader(bytes: Uint8Array): string {
  const { schema, value } = header.toConnectHeader('t', 'h', bytes);
  header.fromConnectHeader('t', 'h', schema, value);
  return `${schema?.type}`;
}
