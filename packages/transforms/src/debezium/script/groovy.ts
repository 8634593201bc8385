import {
  compileJavaPattern,
  DECIMAL_NAME,
  isDecimal,
  isSchema,
  isStruct,
  javaText,
  type Schema,
  TypedNumber,
  valuesEqual,
} from '@tributary/sdk';
import { groovyMethods } from './groovy-methods.ts';
import {
  type Arithmetic,
  compareNumbers,
  compute,
  type GroovyNumber,
  isGroovyNumber,
  isZero,
  negateNumber,
} from './groovy-numbers.ts';
import type { Semantics } from './script-compile.ts';
import {
  fail,
  HeaderMap,
  kindOf,
  limitText,
  readContainer,
  readField,
  readVariable,
  ScriptField,
  ScriptHeader,
} from './script-values.ts';

/** What expressions mean in Groovy 4. Source: org.codehaus.groovy.runtime, asked with Debezium's Filter. */
export const groovy: Semantics = {
  language: 'Groovy',
  methods: groovyMethods(fromRecord, textOf),
  operators: {
    '==': isEqual,
    '!=': (left, right) => !isEqual(left, right),
    '<': (left, right) => compare(left, right) < 0,
    '<=': (left, right) => compare(left, right) <= 0,
    '>': (left, right) => compare(left, right) > 0,
    '>=': (left, right) => compare(left, right) >= 0,
    '+': add,
    '-': (left, right) => calculate('-', left, right),
    '*': (left, right) => calculate('*', left, right),
    '/': (left, right) => calculate('/', left, right),
    '%': (left, right) => calculate('%', left, right),
    in: isIn,
    '!in': (left, right) => !isIn(left, right),
  },
  readVariable: (record, name) => readVariable(record, name, fromRecord),
  isTrue,
  negate: (value) =>
    isGroovyNumber(value) ? negateNumber(value) : fail(`Cannot negate ${kindOf(value)}`),
  readMember,
  readIndex,
  compileMatch(pattern, isWhole) {
    const compiled = compileJavaPattern(pattern);
    if (!isWhole) return (text) => compiled.isFoundIn(textOf(text));
    return (text) => text !== null && compiled.matches(textOf(text));
  },
};

/** What is no number, text, boolean, list or map is itself. */
function fromRecord(value: unknown, schema: Schema | null): unknown {
  switch (typeof value) {
    case 'number':
      return numberFrom(value, schema);
    case 'object':
      if (value === null) return null;
      if (value instanceof TypedNumber) {
        return value.type === 'INT32' ? Number(value.value) : value;
      }
      return isOpaque(value) ? value : readContainer(value, schema, fromRecord);
    default:
      return value ?? null;
  }
}

/** Without a schema a whole number is a Long, any other a Double. */
function numberFrom(value: number, schema: Schema | null): GroovyNumber {
  switch (schema?.type) {
    case 'INT32':
      return value;
    case 'INT8':
    case 'INT16':
    case 'FLOAT32':
    case 'FLOAT64':
      return new TypedNumber(schema.type, value);
    default:
      return Number.isSafeInteger(value) && !Object.is(value, -0)
        ? BigInt(value)
        : new TypedNumber('FLOAT64', value);
  }
}

function isOpaque(value: object): boolean {
  return (
    isStruct(value) || isDecimal(value) || value instanceof Date || value instanceof Uint8Array
  );
}

function isTrue(value: unknown): boolean {
  if (typeof value === 'boolean') return value;
  if (value === null) return false;
  if (typeof value === 'string' || Array.isArray(value)) return value.length > 0;
  if (isGroovyNumber(value)) return !isZero(value);
  if (value instanceof Map || value instanceof HeaderMap) return value.size > 0;
  return true;
}

/** A text of one character equals the number of that character; other texts and numbers never meet. */
function isEqual(left: unknown, right: unknown): boolean {
  if (left === right) return true;
  if (left === null || right === null) return false;
  if (isGroovyNumber(left) || isGroovyNumber(right)) {
    const [a, b] = [characterAsNumber(left, right), characterAsNumber(right, left)];
    return isGroovyNumber(a) && isGroovyNumber(b) && compareNumbers(a, b) === 0;
  }
  if (Array.isArray(left) && Array.isArray(right)) {
    return left.length === right.length && left.every((item, i) => isEqual(item, right[i]));
  }
  if (left instanceof Map && right instanceof Map) fail('Comparing maps is not supported');
  return valuesEqual(left, right);
}

function characterAsNumber(value: unknown, other: unknown): unknown {
  const isCharacter = typeof value === 'string' && value.length === 1 && isGroovyNumber(other);
  return isCharacter ? value.charCodeAt(0) : value;
}

/** Null is below everything else. What has no order is an error. */
function compare(left: unknown, right: unknown): number {
  if (left === right) return 0;
  if (left === null) return -1;
  if (right === null) return 1;
  const [a, b] = [characterAsNumber(left, right), characterAsNumber(right, left)];
  if (isGroovyNumber(a) && isGroovyNumber(b)) return compareNumbers(a, b);
  if (typeof left === 'string' && typeof right === 'string') return left < right ? -1 : 1;
  if (typeof left === 'boolean' && typeof right === 'boolean') return Number(left) - Number(right);
  if (left instanceof Date && right instanceof Date) return left.getTime() - right.getTime();
  return fail(`Cannot compare ${kindOf(left)} with ${kindOf(right)}`);
}

function add(left: unknown, right: unknown): unknown {
  if (typeof left === 'string') return limitText(left + textOf(right));
  const isText = typeof right === 'string' && (left === null || isGroovyNumber(left));
  return isText ? limitText(textOf(left) + right) : calculate('+', left, right);
}

function calculate(operator: Arithmetic, left: unknown, right: unknown): GroovyNumber {
  if (isGroovyNumber(left) && isGroovyNumber(right)) return compute(operator, left, right);
  return fail(`Cannot compute ${kindOf(left)} ${operator} ${kindOf(right)}`);
}

/** By Java's equals: a Long is no Integer. */
function isIn(value: unknown, list: unknown): boolean {
  if (!Array.isArray(list)) return fail(`"in" is supported with lists, found ${kindOf(list)}`);
  return list.some((item) => valuesEqual(item, value));
}

function textOf(value: unknown): string {
  if (typeof value === 'string') return value;
  if (Array.isArray(value)) return limitText(`[${value.map(textOf).join(', ')}]`);
  if (
    value === null ||
    typeof value === 'boolean' ||
    isGroovyNumber(value) ||
    value instanceof Date ||
    isSchema(value) ||
    (isStruct(value) && !hasBytes(value.schema))
  ) {
    return limitText(javaText(value));
  }
  return fail(`${kindOf(value)} as text is not supported`);
}

/** What Java prints for them is not their content. */
function hasBytes(schema: Schema): boolean {
  switch (schema.type) {
    case 'BYTES':
      return schema.name !== DECIMAL_NAME;
    case 'STRUCT':
      return schema.fields.some((field) => hasBytes(field.schema));
    case 'MAP':
    case 'ARRAY':
      return schema.valueSchema !== null && hasBytes(schema.valueSchema);
    default:
      return false;
  }
}

function readMember(target: unknown, name: string): unknown {
  if (isStruct(target)) {
    // Groovy reads private fields of Java's class rather than asking it for a field of the record.
    if (name === 'schema') return target.schema;
    if (name === 'values' || name === 'class') {
      return fail(`"${name}" means something else in Groovy than a field: write get('${name}')`);
    }
    const field = readField(target, name, fromRecord);
    return field === null ? fail(`${name} is not a valid field name`) : field.value;
  }
  if (target instanceof Map) return target.get(name) ?? null;
  if (target instanceof HeaderMap) return target.get(name, fromRecord);
  const property = ownProperty(target, name);
  if (property !== undefined) return property;
  if (target === null) return fail(`Cannot get property '${name}' on null object`);
  return fail(`No such property: ${name} for class: ${kindOf(target)}`);
}

function ownProperty(target: unknown, name: string): unknown {
  if (target instanceof ScriptHeader) {
    return name === 'value' || name === 'schema' ? target[name] : undefined;
  }
  if (target instanceof ScriptField) {
    return name === 'name' || name === 'schema' || name === 'index'
      ? target.field[name]
      : undefined;
  }
  if (target instanceof Date) return name === 'time' ? BigInt(target.getTime()) : undefined;
  if (!isSchema(target)) return undefined;
  switch (name) {
    case 'name':
    case 'version':
    case 'doc':
      return target[name];
    case 'optional':
      return target.isOptional;
    default:
      return undefined;
  }
}

function readIndex(target: unknown, index: unknown): unknown {
  if (typeof index === 'number' && (typeof target === 'string' || Array.isArray(target))) {
    const at = index < 0 ? index + target.length : index;
    const isOutside = at < 0 || (typeof target === 'string' && at >= target.length);
    if (isOutside) return fail(`The index ${index} is outside of ${target.length} elements`);
    return target[at] ?? null;
  }
  if (target instanceof Map) {
    if (typeof index === 'string') return target.get(index) ?? null;
    return fail('Only texts are supported as keys of maps');
  }
  if (typeof index === 'string' && !Array.isArray(target)) return readMember(target, index);
  return fail(`Cannot take ${kindOf(index)} as an index into ${kindOf(target)}`);
}
