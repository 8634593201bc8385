import {
  compileJavaPattern,
  DataError,
  isSchema,
  isStruct,
  javaTrim,
  type Schema,
  type SchemaType,
  type Struct,
  valuesEqual,
} from '@tributary/sdk';
import { javaSplit } from '../../java-split.ts';
import type { Method } from './script-compile.ts';
import { ExpressionError } from './script-syntax.ts';
import {
  type FromRecord,
  fail,
  HeaderMap,
  kindOf,
  limitGrowth,
  limitText,
  readField,
  ScriptField,
} from './script-values.ts';

/** Methods of Java's and Groovy's classes that expressions may call. */
export function groovyMethods(
  fromRecord: FromRecord,
  textOf: (value: unknown) => string,
): Record<string, Method> {
  return {
    ...javaTextMethods,
    ...schemaMethods(),
    ...structMethods(fromRecord),
    equals: method(1, 1, (target, [other]) =>
      typeof target === 'object' && target !== null && isContainer(target)
        ? unsupported('equals', target)
        : valuesEqual(target, other),
    ),
    toString: method(0, 0, textOf),
    getTime: method(0, 0, (target) =>
      target instanceof Date ? BigInt(target.getTime()) : unsupported('getTime', target),
    ),
    contains: method(1, 1, (target, [part]) => {
      if (typeof target === 'string') return target.includes(text('contains', part));
      if (Array.isArray(target)) return target.some((item) => valuesEqual(item, part));
      return unsupported('contains', target);
    }),
    containsKey: method(1, 1, (target, [key]) => {
      if (target instanceof HeaderMap)
        return target.get(text('containsKey', key), fromRecord) !== null;
      if (target instanceof Map) return target.has(text('containsKey', key));
      return unsupported('containsKey', target);
    }),
    size: method(0, 0, (target) => {
      if (typeof target === 'string' || Array.isArray(target)) return target.length;
      if (target instanceof Map || target instanceof HeaderMap) return target.size;
      return unsupported('size', target);
    }),
    isEmpty: method(0, 0, (target) => {
      if (typeof target === 'string' || Array.isArray(target)) return target.length === 0;
      if (target instanceof Map || target instanceof HeaderMap) return target.size === 0;
      return unsupported('isEmpty', target);
    }),
    get: method(1, 1, (target, [key]) => {
      if (isStruct(target)) return fieldOf(target, text('get', key), fromRecord);
      if (target instanceof HeaderMap) return target.get(text('get', key), fromRecord);
      if (target instanceof Map) return target.get(text('get', key)) ?? null;
      if (!Array.isArray(target) || typeof key !== 'number') return unsupported('get', target);
      if (key >= 0 && key < target.length) return target[key];
      return fail(`Index ${key} out of bounds for length ${target.length}`);
    }),
  };
}

function method(
  minArgs: number,
  maxArgs: number,
  call: (target: unknown, args: readonly unknown[]) => unknown,
): Method {
  return { minArgs, maxArgs, prepare: () => call };
}

function textMethod(
  args: number | [number, number],
  call: (target: string, args: readonly unknown[]) => unknown,
  name: string,
): Method {
  const [min, max] = typeof args === 'number' ? [args, args] : args;
  return method(min, max, (target, values) =>
    typeof target === 'string' ? call(target, values) : unsupported(name, target),
  );
}

/** Its first argument is a Java regular expression, which has to stand in the expression as it is. */
function patternMethod(
  name: string,
  args: number,
  compile: (pattern: string) => (target: string, values: readonly unknown[]) => unknown,
): Method {
  return {
    minArgs: args,
    maxArgs: args,
    prepare([pattern = null]) {
      if (pattern === null) {
        throw new ExpressionError(`the pattern of "${name}" has to stand there as a text`, 0);
      }
      const call = compile(pattern);
      return (target, values) =>
        typeof target === 'string' ? call(target, values) : unsupported(name, target);
    },
  };
}

/** Of java.lang.String, and a few that Groovy adds. */
export const javaTextMethods: Record<string, Method> = {
  startsWith: textMethod(
    1,
    (target, [part]) => target.startsWith(text('startsWith', part)),
    'startsWith',
  ),
  endsWith: textMethod(1, (target, [part]) => target.endsWith(text('endsWith', part)), 'endsWith'),
  equalsIgnoreCase: textMethod(
    1,
    (target, [other]) =>
      other !== null && foldCase(target) === foldCase(text('equalsIgnoreCase', other)),
    'equalsIgnoreCase',
  ),
  toLowerCase: textMethod(0, (target) => target.toLowerCase(), 'toLowerCase'),
  toUpperCase: textMethod(0, (target) => target.toUpperCase(), 'toUpperCase'),
  trim: textMethod(0, javaTrim, 'trim'),
  length: textMethod(0, (target) => target.length, 'length'),
  indexOf: textMethod(1, (target, [part]) => target.indexOf(text('indexOf', part)), 'indexOf'),
  lastIndexOf: textMethod(
    1,
    (target, [part]) => target.lastIndexOf(text('lastIndexOf', part)),
    'lastIndexOf',
  ),
  concat: textMethod(1, (target, [part]) => limitText(target + text('concat', part)), 'concat'),
  substring: textMethod([1, 2], substring, 'substring'),
  replace: textMethod(
    2,
    (target, [from, to]) => {
      const replacement = limitGrowth(target, text('replace', to));
      return limitText(target.replaceAll(text('replace', from), () => replacement));
    },
    'replace',
  ),
  tokenize: textMethod(1, tokenize, 'tokenize'),
  toInteger: textMethod(0, (target) => parseWhole(target, 32), 'toInteger'),
  toLong: textMethod(0, (target) => parseWhole(target, 64), 'toLong'),
  matches: patternMethod('matches', 1, (pattern) => {
    const compiled = compileJavaPattern(pattern);
    return (target) => compiled.matches(target);
  }),
  replaceAll: patternMethod('replaceAll', 2, (pattern) => {
    const compiled = compileJavaPattern(pattern);
    return (target, [, to]) =>
      limitText(compiled.replaceAll(target, limitGrowth(target, text('replaceAll', to))));
  }),
  replaceFirst: patternMethod('replaceFirst', 2, (pattern) => {
    const compiled = compileJavaPattern(pattern);
    return (target, [, to]) =>
      limitText(compiled.replaceFirst(target, limitGrowth(target, text('replaceFirst', to))));
  }),
  split: patternMethod('split', 1, (pattern) => {
    const separator = /^(?:[^\\[\](){}.*+?^$|]|\\[^A-Za-z0-9])+$/u.test(pattern)
      ? pattern.replace(/\\(.)/gu, '$1')
      : null;
    if (separator === null) {
      throw new ExpressionError(
        '"split" is supported with a plain separator, such as \'\\\\.\'',
        0,
      );
    }
    return (target) => javaSplit(target, separator);
  }),
};

/** Java compares character by character. */
function foldCase(value: string): string {
  const fold = (char: string): string => {
    const upper = char.toUpperCase();
    return (upper.length === char.length ? upper : char).toLowerCase();
  };
  return Array.from(value, fold).join('');
}

function substring(target: string, [from, to = target.length]: readonly unknown[]): string {
  if (typeof from !== 'number' || typeof to !== 'number') return fail('substring takes Integers');
  if (from >= 0 && from <= to && to <= target.length) return target.slice(from, to);
  return fail(`begin ${from}, end ${to}, length ${target.length}`);
}

/** Any character of `delimiters` separates; nothing empty is left. */
function tokenize(target: string, [delimiters]: readonly unknown[]): string[] {
  const separators = new Set(text('tokenize', delimiters));
  const tokens: string[] = [''];
  for (const char of target) {
    if (separators.has(char)) tokens.push('');
    else tokens[tokens.length - 1] += char;
  }
  return tokens.filter((token) => token !== '');
}

function parseWhole(target: string, bits: 32 | 64): number | bigint {
  const digits = javaTrim(target);
  if (!/^[+-]?\d+$/.test(digits)) return fail('The text is no whole number');
  const value = BigInt(digits.replace('+', ''));
  if (BigInt.asIntN(bits, value) !== value) return fail(`The number does not fit ${bits} bits`);
  return bits === 32 ? Number(value) : value;
}

/** Of schemas and their fields. */
export function schemaMethods(): Record<string, Method> {
  return {
    name: method(0, 0, (target) => {
      if (isSchema(target)) return target.name;
      return target instanceof ScriptField ? target.field.name : unsupported('name', target);
    }),
    version: schemaMethod('version', 0, (schema) => schema.version),
    doc: schemaMethod('doc', 0, (schema) => schema.doc),
    isOptional: schemaMethod('isOptional', 0, (schema) => schema.isOptional),
    fields: schemaMethod('fields', 0, (schema) =>
      schema.fields.map((field) => new ScriptField(field)),
    ),
    field: schemaMethod('field', 1, (schema, [name]) => {
      const field = schema.field(text('field', name));
      return field && new ScriptField(field);
    }),
    schema: method(0, 0, (target) => {
      if (isStruct(target)) return target.schema;
      return target instanceof ScriptField ? target.field.schema : unsupported('schema', target);
    }),
    index: method(0, 0, (target) =>
      target instanceof ScriptField ? target.field.index : unsupported('index', target),
    ),
  };
}

function schemaMethod(
  name: string,
  args: number,
  call: (schema: Schema, args: readonly unknown[]) => unknown,
): Method {
  return method(args, args, (target, values) =>
    isSchema(target) ? call(target, values) : unsupported(name, target),
  );
}

const getters: Readonly<Record<string, SchemaType>> = {
  getString: 'STRING',
  getBoolean: 'BOOLEAN',
  getInt8: 'INT8',
  getInt16: 'INT16',
  getInt32: 'INT32',
  getInt64: 'INT64',
  getFloat32: 'FLOAT32',
  getFloat64: 'FLOAT64',
  getBytes: 'BYTES',
  getStruct: 'STRUCT',
  getArray: 'ARRAY',
  getMap: 'MAP',
};

/** Fields by name and type. */
export function structMethods(fromRecord: FromRecord): Record<string, Method> {
  const typed = Object.entries(getters).map(([name, type]): [string, Method] => [
    name,
    method(1, 1, (target, [field]) => {
      if (!isStruct(target)) return unsupported(name, target);
      const fieldName = text(name, field);
      const actual = target.schema.field(fieldName)?.schema.type;
      if (actual !== undefined && actual !== type) {
        fail(`Field '${fieldName}' is not of type ${type}`);
      }
      return fieldOf(target, fieldName, fromRecord, false);
    }),
  ]);
  return {
    ...Object.fromEntries(typed),
    getWithoutDefault: method(1, 1, (target, [field]) =>
      isStruct(target)
        ? fieldOf(target, text('getWithoutDefault', field), fromRecord, false)
        : unsupported('getWithoutDefault', target),
    ),
  };
}

export function fieldOf(
  struct: Struct,
  name: string,
  fromRecord: FromRecord,
  withDefault = true,
): unknown {
  const field = readField(struct, name, fromRecord, withDefault);
  return field === null ? fail(`${name} is not a valid field name`) : field.value;
}

function isContainer(value: object): boolean {
  return value instanceof Map || value instanceof HeaderMap;
}

function text(name: string, value: unknown): string {
  if (typeof value === 'string') return value;
  throw new DataError(`"${name}" takes a text, found ${kindOf(value)}`);
}

function unsupported(name: string, target: unknown): never {
  if (target === null) fail(`Cannot invoke method ${name}() on null object`);
  return fail(`The method "${name}" is not supported for ${kindOf(target)}`);
}
