import {
  ConfigError,
  type ConfigKey,
  IllegalArgumentError,
  type Schema,
  type Struct,
  string,
} from '@tributary/sdk';
import { type FieldMap, requireMapOrNull, requireStructOrNull } from './requirements.ts';

export const fieldSyntaxVersion: ConfigKey<'field.syntax.version', string> = string(
  'field.syntax.version',
  {
    default: 'V1',
    importance: 'HIGH',
    oneOf: ['V1', 'V2'],
    isCaseIgnored: true,
    doc: 'V1: fields of the top level only. V2: dots lead into nested fields, backticks enclose names that contain dots.',
  },
);

/** Where a field is, from the top. Source: Kafka Connect `SingleFieldPath`, KIP-821. */
export interface FieldPath {
  /** Null when the schema has no such field. */
  schemaIn(schema: Schema): Schema | null;
  /** Null when the field or something on the way to it is missing or null. */
  valueInStruct(struct: Struct, withDefault: boolean): unknown;
  valueInMap(map: FieldMap): unknown;
}

const purpose = 'nested field access';

/** ConfigError when a backtick of a V2 path is never closed. */
export function fieldPath(text: string, version: string): FieldPath {
  const steps = version.toUpperCase() === 'V1' ? [text] : splitPath(text);
  const last = steps.at(-1);
  if (last === undefined) return nowhere;
  const before = steps.slice(0, -1);
  return {
    schemaIn(schema) {
      let current = schema;
      for (const step of before) {
        const field = current.field(step);
        if (field === null) return null;
        current = field.schema;
      }
      return current.field(last)?.schema ?? null;
    },
    valueInStruct(struct, withDefault) {
      let current = struct;
      for (const step of before) {
        const field = current.schema.field(step);
        const next = field && requireStructOrNull(current.get(field), field.schema, purpose);
        if (next === null) return null;
        current = next;
      }
      const field = current.schema.field(last);
      if (field === null) return null;
      return withDefault ? current.get(field) : current.getWithoutDefault(field);
    },
    valueInMap(map) {
      let current = map;
      for (const step of before) {
        const next = requireMapOrNull(current.get(step), purpose);
        if (next === null) return null;
        current = next;
      }
      return current.get(last) ?? null;
    },
  };
}

/** The empty path of V2: Java does not mind until it looks for it. */
const nowhere: FieldPath = {
  schemaIn: failToFind,
  valueInStruct: failToFind,
  valueInMap: failToFind,
};

function failToFind(): never {
  throw new IllegalArgumentError('fromIndex(0) > toIndex(-1)');
}

function splitPath(path: string): string[] {
  const steps: string[] = [];
  let at = 0;
  while (at < path.length) {
    if (path[at] === '`') {
      const { step, end } = readQuoted(path, at);
      steps.push(step);
      // Behind the closing backtick comes a dot or the end.
      at = end + 2;
    } else {
      const dot = path.indexOf('.', at);
      steps.push(dot < 0 ? path.slice(at) : path.slice(at, dot));
      at = dot < 0 ? path.length : dot + 1;
    }
  }
  if (path.endsWith('.')) steps.push('');
  return steps;
}

/** A backtick closes where a dot or the end follows, unless a backslash stands before it. */
function readQuoted(path: string, open: number): { step: string; end: number } {
  let step = '';
  let start = open + 1;
  let at = path.indexOf('`', start);
  for (; at >= 0; at = path.indexOf('`', at + 1)) {
    const isEscaped = path[at - 1] === '\\';
    const isLast = at === path.length - 1;
    if (isLast && isEscaped) break;
    if (!isLast && path[at + 1] !== '.') continue;
    if (!isEscaped) return { step: step + path.slice(start, at), end: at };
    step += `${path.slice(start, at - 1)}\``;
    start = at + 1;
  }
  throw new ConfigError(
    `Incomplete backtick pair in path: [${path}], consider adding a backslash before backtick at position ${open} to escape it`,
  );
}
