import {
  isDecimal,
  isSchema,
  isStruct,
  numberTypeOf,
  type Schema,
  type Struct,
  TypedNumber,
} from '@tributary/sdk';
import { javaScriptMethods } from './javascript-methods.ts';
import { HostDate, HostLong, HostStruct } from './javascript-values.ts';
import type { Semantics } from './script-compile.ts';
import {
  type FromRecord,
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
 * otherwise, which is Nashorn's way, and for structs in lists and maps, they are asked for with `get`, as of any object of Java.
 */
export function javaScript(isProxied: boolean): Semantics {
  const fromJava = javaReader(isProxied);
  const fromRecord = (value: unknown, schema: Schema | null): unknown =>
    isProxied && typeof value === 'object' && value !== null && isStruct(value)
      ? value
      : fromJava(value, schema);
  const read = (target: unknown, name: string | number): unknown =>
    readMember(target, name, fromRecord);
  return {
    language: 'JavaScript',
    methods: javaScriptMethods(fromJava, isProxied),
    operators: operatorsOf(isProxied),
    readVariable(record, name) {
      const isAbsent = (name === 'key' || name === 'value') && record[name] === null;
      if (isProxied && isAbsent) {
        fail(
          `the record has no ${name}, which is no null in graal.js: use null.handling.mode or a predicate`,
        );
      }
      return readVariable(record, name, fromRecord);
    },
    isTrue,
    negate: (value) => -(operandOf(value, isProxied) as number),
    readMember: read,
    readIndex(target, index) {
      if (typeof index === 'string' || typeof index === 'number') return read(target, index);
      return fail(`Cannot take ${kindOf(index)} as the name of a member`);
    },
  };
}

type Operate = (left: unknown, right: unknown) => unknown;

function operatorsOf(isProxied: boolean): Semantics['operators'] {
  const operand = (value: unknown): unknown => operandOf(value, isProxied);
  const comparing = comparingWith(operand);
  const comparingStrictly = comparingWith((value) =>
    value instanceof HostLong
      ? fail('=== and !== are not supported with a java.lang.Long: use == and !=')
      : operand(value),
  );
  const computing =
    (compute: (left: number, right: number) => unknown): Operate =>
    (left, right) =>
      compute(operand(left) as number, operand(right) as number);
  return {
    // oxlint-disable-next-line eqeqeq -- what the expression asks for
    '==': comparing((left, right) => left == right),
    // oxlint-disable-next-line eqeqeq -- what the expression asks for
    '!=': comparing((left, right) => left != right),
    '===': comparingStrictly((left, right) => left === right),
    '!==': comparingStrictly((left, right) => left !== right),
    '<': computing((left, right) => left < right),
    '<=': computing((left, right) => left <= right),
    '>': computing((left, right) => left > right),
    '>=': computing((left, right) => left >= right),
    '+': computing((left, right) => {
      if (!isProxied && (isDecimalValue(left) || isDecimalValue(right))) {
        fail('+ is not supported with java.math.BigDecimal');
      }
      const sum: unknown = left + right;
      return typeof sum === 'string' ? limitText(sum) : sum;
    }),
    '-': computing((left, right) => left - right),
    '*': computing((left, right) => left * right),
    '/': computing((left, right) => left / right),
    '%': computing((left, right) => left % right),
  };
}

/** Objects may be compared with null and undefined, with nothing else. */
function comparingWith(operand: (value: unknown) => unknown): (compare: Operate) => Operate {
  return (compare) => (left, right) => {
    if (left === null || left === undefined || right === null || right === undefined) {
      return compare(left, right);
    }
    return compare(operand(left), operand(right));
  };
}

/**
 * What JavaScript's own operators are given: what is no number they make one or a text by its rules. Dates count as their milliseconds, decimals as their text.
 * Where Nashorn does otherwise than GraalJS the operation is refused, since either may stand behind a name such as js.
 */
function operandOf(value: unknown, isProxied: boolean): unknown {
  if (isPrimitive(value)) return requireSafe(value);
  if (value instanceof HostLong) return requireSafe(value.value);
  if (isDecimalValue(value) || (isProxied && value instanceof HostDate)) return value;
  const hint = value instanceof HostDate ? ': use getTime()' : '';
  return fail(`Cannot compute or compare with ${kindOf(value)}${hint}`);
}

function isDecimalValue(value: unknown): boolean {
  return typeof value === 'object' && isDecimal(value);
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

function isTrue(value: unknown): boolean {
  if (value instanceof HostLong) return Boolean(value.value);
  return Boolean(isPrimitive(value) ? requireSafe(value) : value);
}

/** Objects of Java; with `isProxied` a Long is a number as others are. */
function javaReader(isProxied: boolean): FromRecord {
  const fromLong = (value: number | bigint): unknown => {
    const number = Number(value);
    const exact = Number.isSafeInteger(number) ? number : value;
    return isProxied ? exact : new HostLong(exact);
  };
  const fromJava = (value: unknown, schema: Schema | null): unknown => {
    switch (typeof value) {
      case 'bigint':
        return fromLong(value);
      case 'number':
        return schema === null && numberTypeOf(value) === 'INT64' ? fromLong(value) : value;
      case 'object':
        return value === null ? null : fromObject(value, schema);
      default:
        return value ?? null;
    }
  };
  const fromObject = (value: object, schema: Schema | null): unknown => {
    if (value instanceof TypedNumber) {
      return value.type === 'INT64' ? fromLong(value.value) : Number(value.value);
    }
    if (isStruct(value)) return new HostStruct(value);
    if (value instanceof Date) return new HostDate(value.getTime());
    if (isDecimal(value) || value instanceof Uint8Array) return value;
    return readContainer(value, schema, fromJava);
  };
  return fromJava;
}

function readMember(target: unknown, name: string | number, fromRecord: FromRecord): unknown {
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
  fromRecord: FromRecord,
): unknown {
  if (typeof name !== 'string') return fail('Only texts are supported as keys of maps');
  const entry = map instanceof HeaderMap ? map.get(name, fromRecord) : map.get(name);
  const isMissing = entry === undefined || (entry === null && map instanceof HeaderMap);
  if (!isMissing) return entry;
  return mapMethods.test(name) ? fail(`"${name}" of a map is a method`) : undefined;
}

function fieldAsMember(struct: Struct, name: string, fromRecord: FromRecord): unknown {
  return readField(struct, name, fromRecord)?.value;
}
