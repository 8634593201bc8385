import {
  type ConverterPlugin,
  definePlugin,
  type HeaderConverter,
  type HeaderConverterPlugin,
} from '@tributary/sdk';
import { BooleanConverter, booleanConverterConfig } from './boolean-converter.ts';
import { ByteArrayConverter, byteArrayConverterConfig } from './byte-array-converter.ts';
import { headerConverterOf } from './header-converter.ts';
import { jsonConverterConfig } from './json-config.ts';
import { JsonConverter } from './json-converter.ts';
import {
  NumberConverter,
  type NumberConverterName,
  numberConverterConfig,
} from './number-converter.ts';
import { SimpleHeaderConverter, simpleHeaderConverterConfig } from './simple-header-converter.ts';
import { StringConverter, stringConverterConfig } from './string-converter.ts';

/** Every converter here is a header converter too: the same definition under both types. */
type Both = Omit<ConverterPlugin, 'type'>;

const json: Both = {
  className: 'org.apache.kafka.connect.json.JsonConverter',
  config: jsonConverterConfig,
  create: () => new JsonConverter(),
};
const string: Both = {
  className: 'org.apache.kafka.connect.storage.StringConverter',
  config: stringConverterConfig,
  create: () => new StringConverter(),
};
const byteArray: Both = {
  className: 'org.apache.kafka.connect.converters.ByteArrayConverter',
  config: byteArrayConverterConfig,
  create: () => new ByteArrayConverter(),
};
const boolean: Both = {
  className: 'org.apache.kafka.connect.converters.BooleanConverter',
  config: booleanConverterConfig,
  create: () => new BooleanConverter(),
};
const short = numberPlugin('ShortConverter', 'short');
const integer = numberPlugin('IntegerConverter', 'integer');
const long = numberPlugin('LongConverter', 'long');
const float = numberPlugin('FloatConverter', 'float');
const double = numberPlugin('DoubleConverter', 'double');

export const JsonConverterPlugin: ConverterPlugin = definePlugin({ type: 'converter', ...json });
export const JsonHeaderConverterPlugin: HeaderConverterPlugin = asHeader(json);
export const StringConverterPlugin: ConverterPlugin = definePlugin({
  type: 'converter',
  ...string,
});
export const StringHeaderConverterPlugin: HeaderConverterPlugin = asHeader(string);
export const ByteArrayConverterPlugin: ConverterPlugin = definePlugin({
  type: 'converter',
  ...byteArray,
});
export const ByteArrayHeaderConverterPlugin: HeaderConverterPlugin = asHeader(byteArray);
export const BooleanConverterPlugin: ConverterPlugin = definePlugin({
  type: 'converter',
  ...boolean,
});
export const BooleanHeaderConverterPlugin: HeaderConverterPlugin = asHeader(boolean);
export const ShortConverterPlugin: ConverterPlugin = definePlugin({ type: 'converter', ...short });
export const ShortHeaderConverterPlugin: HeaderConverterPlugin = asHeader(short);
export const IntegerConverterPlugin: ConverterPlugin = definePlugin({
  type: 'converter',
  ...integer,
});
export const IntegerHeaderConverterPlugin: HeaderConverterPlugin = asHeader(integer);
export const LongConverterPlugin: ConverterPlugin = definePlugin({ type: 'converter', ...long });
export const LongHeaderConverterPlugin: HeaderConverterPlugin = asHeader(long);
export const FloatConverterPlugin: ConverterPlugin = definePlugin({ type: 'converter', ...float });
export const FloatHeaderConverterPlugin: HeaderConverterPlugin = asHeader(float);
export const DoubleConverterPlugin: ConverterPlugin = definePlugin({
  type: 'converter',
  ...double,
});
export const DoubleHeaderConverterPlugin: HeaderConverterPlugin = asHeader(double);

export const SimpleHeaderConverterPlugin: HeaderConverterPlugin = definePlugin({
  type: 'header_converter',
  className: 'org.apache.kafka.connect.storage.SimpleHeaderConverter',
  config: simpleHeaderConverterConfig,
  create: () => new SimpleHeaderConverter(),
});

function numberPlugin(simpleName: string, name: NumberConverterName): Both {
  return {
    className: `org.apache.kafka.connect.converters.${simpleName}`,
    config: numberConverterConfig,
    create: () => new NumberConverter(name),
  };
}

function asHeader(plugin: Both): HeaderConverterPlugin {
  const { className, config } = plugin;
  const create = (): HeaderConverter => headerConverterOf(plugin.create());
  return definePlugin({ type: 'header_converter', className, config, create });
}

export { JsonConverter } from './json-converter.ts';
export { StringConverter } from './string-converter.ts';
