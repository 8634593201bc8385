import { isDecimal, isStruct, TypedNumber, valuesEqual } from '@tributary/sdk';
import { isPlainObject } from '../requirements.ts';
import { parseJsonPath } from './json-path-parser.ts';
import type { Condition, Operand, Operator, PathStep } from './json-path-syntax.ts';

/** A JSON path over structs, maps and lists. Source: com.jayway.jsonpath, without `..`, slices and functions. */
export interface JsonPath {
  /** What it finds, in order; null stands for members that are there and null. Empty when nothing does. */
  find(value: unknown): readonly unknown[];
  /** A named member on the way, before any predicate, is not there or null. */
  isMissing(value: unknown): boolean;
}

/** ConfigError for a path that is not understood. */
export function compileJsonPath(text: string): JsonPath {
  const steps = parseJsonPath(text);
  const firstFilter = steps.findIndex(({ kind }) => kind === 'filter');
  const plain = firstFilter < 0 ? steps : steps.slice(0, firstFilter);
  return {
    find: (value) => walk(value, steps, value),
    isMissing: (value) => walk(value, plain, value).every((found) => found === null),
  };
}

function walk(start: unknown, steps: readonly PathStep[], root: unknown): unknown[] {
  let found = [start];
  for (const step of steps) found = found.flatMap((value) => take(value, step, root));
  return found;
}

function take(value: unknown, step: PathStep, root: unknown): unknown[] {
  switch (step.kind) {
    case 'child': {
      const member = memberOf(value, step.name);
      return member === undefined ? [] : [member];
    }
    case 'index': {
      const member = Array.isArray(value) ? value.at(step.index) : undefined;
      return member === undefined ? [] : [member];
    }
    case 'all':
      return childrenOf(value);
    case 'filter': {
      // Of a list its elements are asked, anything else is asked itself.
      const candidates = Array.isArray(value) ? value : [value];
      return candidates.filter((each) => holds(step.condition, each, root));
    }
  }
}

/** Undefined: there is none. */
function memberOf(value: unknown, name: string): unknown {
  if (isStruct(value)) return value.schema.field(name) === null ? undefined : value.get(name);
  if (value instanceof Map) return value.has(name) ? (value.get(name) ?? null) : undefined;
  if (isPlainObject(value)) return Object.hasOwn(value, name) ? value[name] : undefined;
  return undefined;
}

function childrenOf(value: unknown): unknown[] {
  if (Array.isArray(value)) return value;
  if (isStruct(value)) return value.schema.fields.map((field) => value.get(field));
  if (value instanceof Map) return [...value.values()];
  return isPlainObject(value) ? Object.values(value) : [];
}

function holds(condition: Condition, current: unknown, root: unknown): boolean {
  switch (condition.kind) {
    case 'or':
      return condition.parts.some((part) => holds(part, current, root));
    case 'and':
      return condition.parts.every((part) => holds(part, current, root));
    case 'not':
      return !holds(condition.part, current, root);
    case 'exists':
      return evaluate(condition.operand, current, root) !== undefined;
    case 'compare': {
      const left = evaluate(condition.left, current, root);
      if (condition.right.kind === 'pattern') {
        return typeof left === 'string' && condition.right.regex.test(left);
      }
      const right = evaluate(condition.right, current, root);
      // What is not there fits no comparison.
      return left !== undefined && right !== undefined && compare(condition.operator, left, right);
    }
  }
}

function evaluate(operand: Operand, current: unknown, root: unknown): unknown {
  if (operand.kind === 'literal') return operand.value;
  if (operand.kind === 'pattern') return undefined;
  return walk(operand.isRoot ? root : current, operand.steps, root)[0];
}

function compare(operator: Operator, left: unknown, right: unknown): boolean {
  switch (operator) {
    case '==':
      return areEqual(left, right);
    case '!=':
      return !areEqual(left, right);
    case 'in':
      return Array.isArray(right) && right.some((item) => areEqual(left, item));
    case 'nin':
      return Array.isArray(right) && !right.some((item) => areEqual(left, item));
    case '=~':
      return false;
    default:
      return isOrdered(operator, comparable(left), comparable(right));
  }
}

function areEqual(left: unknown, right: unknown): boolean {
  const [a, b] = [comparable(left), comparable(right)];
  // Numbers of any type are the same when they are equal.
  const areNumbers = isNumber(a) && isNumber(b) && typeof a !== typeof b;
  return areNumbers ? Number(a) === Number(b) : valuesEqual(a, b);
}

function isOrdered(operator: Operator, left: unknown, right: unknown): boolean {
  const areNumbers = isNumber(left) && isNumber(right);
  if (!areNumbers && !(typeof left === 'string' && typeof right === 'string')) return false;
  switch (operator) {
    case '<':
      return left < right;
    case '<=':
      return left <= right;
    case '>':
      return left > right;
    default:
      return left >= right;
  }
}

function comparable(value: unknown): unknown {
  if (value instanceof TypedNumber) return value.value;
  return isDecimal(value) ? value.toNumber() : value;
}

function isNumber(value: unknown): value is number | bigint {
  return typeof value === 'number' || typeof value === 'bigint';
}
