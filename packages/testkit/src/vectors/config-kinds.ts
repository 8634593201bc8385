import {
  anyNonDuplicateValues,
  type ConfigDef,
  type ConfigType,
  configText,
  defineConfig,
  defineKey,
  inRange,
  type KeyOptions,
  listOf,
  maxListSize,
  nonEmptyString,
  nonEmptyWithoutControlChars,
  nonNull,
  oneOf,
  oneOfIgnoringCase,
  parseConfig,
  parseConfigType,
  Schema,
  type SchemaType,
  type Validator,
  validateConfig,
} from '@tributary/sdk';
import type { Adapter, VectorInput } from './vector-file.ts';
import { writeValue } from './vector-values.ts';

export const configKinds: Record<string, Adapter> = {
  'config-def': runConfigDef,
  'config-parse-type': (input) => {
    const value = parseConfigType(input.name, input.text, input.type, resolveClass);
    return { value: writeConfigValue(value, input.type), text: configText(value, input.type) };
  },
};

interface VectorKey {
  name: string;
  type: ConfigType;
  default?: unknown;
  validator?: [string, ...unknown[]];
}

function runConfigDef(input: VectorInput): unknown {
  const def = defineConfig(...input.keys.map(readKey)) as ConfigDef;
  if (input.call === 'parse') {
    const values = parseConfig(def, input.config, { resolveClass });
    return Object.fromEntries(
      Object.entries(values).map(([name, value]) => [
        name,
        writeConfigValue(value, (def.key(name) as { type: ConfigType }).type),
      ]),
    );
  }
  const results = validateConfig(def, input.config, { resolveClass });
  return Object.fromEntries(
    results.map(({ name, value, errors, isVisible }) => {
      const type = def.key(name)?.type ?? 'STRING';
      return [name, { value: writeConfigValue(value, type), errors, visible: isVisible }];
    }),
  );
}

function readKey(key: VectorKey): ReturnType<typeof defineKey> {
  const options: KeyOptions<unknown> = { doc: '' };
  if (key.default !== undefined) options.default = key.default;
  if (key.validator !== undefined) options.validator = readValidator(key.validator);
  return defineKey(key.name, key.type, options);
}

function readValidator([name, ...args]: [string, ...unknown[]]): Validator {
  const texts = args as string[];
  switch (name) {
    case 'Range.between':
      return inRange(args[0] as number, args[1] as number);
    case 'Range.atLeast':
      return inRange(args[0] as number, null);
    case 'ValidString':
      return oneOf(...texts);
    case 'CaseInsensitiveValidString':
      return oneOfIgnoringCase(...texts);
    case 'NonEmptyString':
      return nonEmptyString();
    case 'NonEmptyStringWithoutControlChars':
      return nonEmptyWithoutControlChars();
    case 'NonNullValidator':
      return nonNull();
    case 'ListSize':
      return maxListSize(args[0] as number);
    case 'ValidList.in':
      return listOf(args[0] as boolean, ...texts.slice(1));
    case 'ValidList.anyNonDuplicateValues':
      return anyNonDuplicateValues(args[0] as boolean, args[1] as boolean);
    default:
      throw new Error(`Unknown validator "${name}"`);
  }
}

/** The Java class path of the recordings: a few classes are enough. */
function resolveClass(name: string): string | null {
  return /^(java\.lang\.|org\.apache\.kafka\.)/.test(name) ? name : null;
}

const schemaTypes: Partial<Record<ConfigType, SchemaType>> = {
  INT: 'INT32',
  SHORT: 'INT16',
  LONG: 'INT64',
  DOUBLE: 'FLOAT64',
};

function writeConfigValue(value: unknown, type: ConfigType): unknown {
  if (value === null) return null;
  if (type === 'CLASS') return { class: value };
  const schemaType = schemaTypes[type];
  return writeValue(value, schemaType === undefined ? null : new Schema({ type: schemaType }));
}
