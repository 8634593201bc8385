import type { Converter, HeaderConverter } from '@tributary/sdk';
import { withType } from './converter-type.ts';

/** Header values as a converter has keys and values. */
export function headerConverterOf(converter: Converter): HeaderConverter {
  return {
    configure: (config) => converter.configure(withType(config, 'header'), false),
    fromConnectHeader: (topic, _key, schema, value) =>
      converter.fromConnectData(topic, schema, value, null),
    toConnectHeader: (topic, _key, bytes) => converter.toConnectData(topic, bytes, null),
  };
}
