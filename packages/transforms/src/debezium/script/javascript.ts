import {
  isDecimal,
  isSchema,
  isStruct,
  type Schema,
  type Struct,
  TypedNumber,
} from '@tributary/sdk';
import { javaScriptMethods } from './javascript-methods.ts';
import { HostDate, HostStruct } from './javascript-values.ts';
import type { Semantics } from './script-compile.ts';
import {
  fail,
  HeaderMap,
  kindOf,
  limitText,
  readContainer,
  readField,
  readVariable,
  ScriptHeader,
} from './script-values.ts';

/**
 * What expressions mean in JavaScript. With `isProxied`, which is Debezium's way with `jsr223.graal.js`, fields of the key, the value and headers are members;
 * otherwise, and for structs in lists and maps, they are asked for with `get`, as of any object of Java.
 */
export function javaScript(isProxied: boolean): Semantics {
  const fromRecord = (value: unknown, schema: Schema | null): unknown =>
    isProxied && typeof value === 'object' && value !== null && isStruct(value)
      ? value
      : fromJava(value, schema);
  const read = (target: unknown, name: string | number): unknown => {
    const isMap = target instanceof Map || target instanceof HeaderMap;
    // Which of Java's engines runs the script decides what this would be.
    if (isMap && !isProxied) return fail(`"${name}" of a map: write get('${name}')`);
    return readMember(target, name, fromRecord);
  };
  return {
    language: 'JavaScript',
    methods: javaScriptMethods(fromRecord, fromJava),
    operators,
    readVariable(record, name) {
      const isAbsent = (name === 'key' || name === 'value') && record[name] === null;
      if (isProxied && isAbsent) {
        fail(
          `the record has no ${name}, which is no null in graal.js: use null.handling.mode or a predicate`,
        );
      }
      return readVariable(record, name, fromRecord);
    },
    isTrue: (value) => Boolean(isPrimitive(value) ? requireSafe(value) : value),
    negate: (value) => -(operand(value) as number),
    readMember: read,
    readIndex(target, index) {
      if (typeof index === 'string' || typeof index === 'number') return read(target, index);
      return fail(`Cannot take ${kindOf(index)} as the name of a member`);
    },
  };
}

type Operate = (left: unknown, right: unknown) => unknown;

const operators: Semantics['operators'] = {
  // oxlint-disable-next-line eqeqeq -- what the expression asks for
  '==': comparing((left, right) => left == right),
  // oxlint-disable-next-line eqeqeq -- what the expression asks for
  '!=': comparing((left, right) => left != right),
  '===': comparing((left, right) => left === right),
  '!==': comparing((left, right) => left !== right),
  '<': computing((left, right) => left < right),
  '<=': computing((left, right) => left <= right),
  '>': computing((left, right) => left > right),
  '>=': computing((left, right) => left >= right),
  '+': computing((left, right) => {
    const sum: unknown = (left as number) + (right as number);
    return typeof sum === 'string' ? limitText(sum) : sum;
  }),
  '-': computing((left, right) => left - right),
  '*': computing((left, right) => left * right),
  '/': computing((left, right) => left / right),
  '%': computing((left, right) => left % right),
};

/** Objects may be compared with null and undefined, with nothing else. */
function comparing(compare: Operate): Operate {
  return (left, right) => {
    if (left === null || left === undefined || right === null || right === undefined) {
      return compare(left, right);
    }
    return compare(operand(left), operand(right));
  };
}

/** JavaScript's own operators do the rest: what is no number is made one or a text by its rules. */
function computing(compute: (left: number, right: number) => unknown): Operate {
  return (left, right) => compute(operand(left) as number, operand(right) as number);
}

/** Dates count as their milliseconds, decimals as their text. */
function operand(value: unknown): unknown {
  if (isPrimitive(value)) return requireSafe(value);
  if (value instanceof HostDate || (typeof value === 'object' && isDecimal(value))) return value;
  return fail(`Cannot compute or compare with ${kindOf(value)}`);
}

function isPrimitive(value: unknown): boolean {
  return (typeof value !== 'object' && typeof value !== 'function') || value === null;
}

/** Only what no number holds exactly is a bigint. */
function requireSafe(value: unknown): unknown {
  return typeof value === 'bigint'
    ? fail('a whole number beyond 2^53 cannot be computed with in JavaScript')
    : value;
}

function fromJava(value: unknown, schema: Schema | null): unknown {
  switch (typeof value) {
    case 'bigint':
      return fromLong(value);
    case 'object':
      if (value === null) return null;
      if (value instanceof TypedNumber) {
        return typeof value.value === 'bigint' ? fromLong(value.value) : value.value;
      }
      if (isStruct(value)) return new HostStruct(value);
      if (value instanceof Date) return new HostDate(value.getTime());
      if (isDecimal(value) || value instanceof Uint8Array) return value;
      return readContainer(value, schema, fromJava);
    default:
      return value ?? null;
  }
}

function fromLong(value: bigint): number | bigint {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}

type Fields = (value: unknown, schema: Schema | null) => unknown;

function readMember(target: unknown, name: string | number, fromRecord: Fields): unknown {
  if (typeof target === 'string' || Array.isArray(target)) {
    if (name === 'length') return target.length;
    if (typeof name === 'number') return target[name];
    return fail(`"${name}" of ${kindOf(target)} is not supported`);
  }
  if (typeof target === 'object' && target !== null) {
    if (isStruct(target)) return fieldAsMember(target, String(name), fromRecord);
    if (target instanceof HeaderMap || target instanceof Map) {
      return entryAsMember(target, name, fromRecord);
    }
    if (target instanceof ScriptHeader && (name === 'value' || name === 'schema')) {
      return target[name];
    }
    if (target instanceof HostStruct) return fail(`"${name}" of a Struct: write get('${name}')`);
    if (isSchema(target)) return fail(`"${name}" of a Schema is a method: write ${name}()`);
  }
  if (target === null || target === undefined) {
    return fail(`Cannot read property '${name}' of ${target}`);
  }
  return fail(`"${name}" of ${kindOf(target)} is not supported`);
}

/** Where a map has no such entry its method is found, if there is one. */
const mapMethods =
  /^(?:size|isEmpty|get|getOrDefault|put\w*|remove|clear|contains\w+|keySet|values|entrySet|forEach|replace\w*|compute\w*|merge|equals|hashCode|toString|getClass|notify\w*|wait)$/;

function entryAsMember(
  map: HeaderMap | Map<unknown, unknown>,
  name: string | number,
  fromRecord: Fields,
): unknown {
  if (map instanceof HeaderMap) return map.get(String(name), fromRecord) ?? undefined;
  if (typeof name !== 'string') return fail('Only texts are supported as keys of maps');
  if (!map.has(name) && mapMethods.test(name)) return fail(`"${name}" of a map is a method`);
  return map.get(name);
}

function fieldAsMember(struct: Struct, name: string, fromRecord: Fields): unknown {
  return readField(struct, name, fromRecord)?.value;
}
