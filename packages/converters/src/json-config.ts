import { boolean, type ConfigDef, defineConfig, int, string } from '@tributary/sdk';
import { converterType } from './converter-type.ts';

const schemas = { group: 'Schemas', width: 'MEDIUM' } as const;
const serialization = { group: 'Serialization', width: 'MEDIUM' } as const;

const schemasEnable = boolean('schemas.enable', {
  ...schemas,
  default: true,
  importance: 'HIGH',
  order: 0,
  displayName: 'Enable Schemas',
  doc: 'Every message carries its schema in an envelope.',
});
const cacheSize = int('schemas.cache.size', {
  ...schemas,
  default: 1000,
  importance: 'HIGH',
  order: 1,
  displayName: 'Schema Cache Size',
  doc: 'Most schemas that are remembered in each direction.',
});
const schemaContent = string('schema.content', {
  ...schemas,
  default: null,
  importance: 'HIGH',
  order: 2,
  displayName: 'Schema Content',
  doc: 'Schema of all messages read, in the JSON form of the envelope; messages are then payloads without an envelope.',
});
const decimalFormat = string('decimal.format', {
  ...serialization,
  default: 'BASE64',
  importance: 'LOW',
  order: 0,
  displayName: 'Decimal Format',
  oneOf: ['BASE64', 'NUMERIC'],
  isCaseIgnored: true,
  doc: 'Whether decimals are written as base64 of their bytes or as numbers; both are read.',
});
const replaceNull = boolean('replace.null.with.default', {
  ...serialization,
  default: true,
  importance: 'LOW',
  order: 1,
  displayName: 'Replace null with default',
  doc: 'A null whose schema has a default becomes that default.',
});

export const jsonConverterConfig: ConfigDef<
  readonly [
    typeof converterType,
    typeof schemasEnable,
    typeof cacheSize,
    typeof schemaContent,
    typeof decimalFormat,
    typeof replaceNull,
  ]
> = defineConfig(
  converterType,
  schemasEnable,
  cacheSize,
  schemaContent,
  decimalFormat,
  replaceNull,
);
