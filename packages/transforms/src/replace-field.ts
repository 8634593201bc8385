import {
  anyNonDuplicateValues,
  ConfigError,
  defineConfig,
  type Field,
  javaHashOrder,
  list,
  type NumberType,
  type OwnMap,
  type Schema,
  Struct,
  TypedNumber,
  validateValue,
  validator,
} from '@tributary/sdk';
import { apache } from './class-names.ts';
import { defineForKeyAndValue, type KeyAndValue } from './define.ts';
import { javaSplit } from './java-split.ts';
import { perSchema } from './per-schema.ts';
import { type FieldMap, requireMap, requireStruct } from './requirements.ts';
import {
  checkedCopy,
  fieldReader,
  replaceNullWithDefault,
  structWithBasics,
} from './struct-copy.ts';

const purpose = 'field replacement';

const config = defineConfig(
  list('exclude', {
    default: '',
    validator: anyNonDuplicateValues(true, false),
    doc: 'Fields to leave out; they are left out also when "include" names them.',
  }),
  list('include', {
    default: '',
    validator: anyNonDuplicateValues(true, false),
    doc: 'Fields to keep; empty keeps all.',
  }),
  list('renames', {
    default: '',
    validator: validator(
      'list of colon-delimited pairs, e.g. <code>foo:bar,abc:xyz</code>',
      (name, value) => {
        if (value === null)
          throw new ConfigError(`Configuration '${name}' values must not be null.`);
        parseRenames(value as readonly string[]);
      },
    ),
    doc: 'New names of fields, as old:new.',
  }),
  replaceNullWithDefault,
);

/** Leaves out and renames fields of the top level. */
export const replaceField: KeyAndValue = defineForKeyAndValue(
  `${apache}.ReplaceField`,
  config,
  (options, half) => {
    const rules = fieldRules(options);
    const read = fieldReader(options['replace.null.with.default']);
    const planFor = perSchema((schema) => planStruct(schema, rules));
    return (record, own) => {
      const value = half.valueOf(record);
      if (value === null) return record;
      const schema = half.schemaOf(record);
      if (schema === null) {
        return half.replace(record, null, replaceMembers(requireMap(value, purpose), own));
      }
      const struct = requireStruct(value, schema, purpose);
      const plan = planFor(struct.schema);
      return half.replace(record, plan.schema, copyFields(struct, plan));
    };

    /** A member with a new name comes last, unless the name is taken: then the later of the two wins, as in Java. */
    function replaceMembers(map: FieldMap, own: OwnMap): FieldMap {
      if (!rules.canChangeInPlace) return own.take(rebuild(map));
      const updated = own.of(map);
      for (const name of rules.excluded) updated.delete(name);
      for (const [from, to] of rules.renames) {
        if (!updated.has(from)) continue;
        if (updated.has(to)) return own.take(rebuild(updated));
        updated.set(to, updated.get(from));
        updated.delete(from);
      }
      return updated;
    }

    function rebuild(map: FieldMap): FieldMap {
      const updated = new Map<string, unknown>();
      for (const name of map.keys()) {
        if (rules.isKept(name)) updated.set(rules.newName(name), map.get(name));
      }
      return updated;
    }

    function copyFields(struct: Struct, { schema, sources }: Plan): Struct {
      const values: unknown[] = [];
      for (const { name, from, to } of sources) {
        // An unknown name is refused by the struct.
        const value = from === null ? struct.get(name) : read(struct, from);
        if (from?.schema !== to.schema) validateValue(to.name, to.schema, typed(value, from, to));
        values.push(checkedCopy(value, to));
      }
      return new Struct(schema, values);
    }
  },
);

interface FieldRules {
  readonly excluded: ReadonlySet<string>;
  /** Old names to new ones. */
  readonly renames: ReadonlyMap<string, string>;
  /** No rename hangs on another: each can be done by itself, in any order. */
  readonly canChangeInPlace: boolean;
  isKept(name: string): boolean;
  newName(name: string): string;
  oldName(name: string): string;
}

interface Plan {
  readonly schema: Schema;
  /** By index of the new fields. */
  readonly sources: readonly Source[];
}

interface Source {
  readonly name: string;
  /** Null: there is no such field. */
  readonly from: Field | null;
  /** With the same schema where it is the same field under another name: then what fits one fits the other. */
  readonly to: Field;
}

function fieldRules(options: {
  exclude: readonly string[];
  include: readonly string[];
  renames: readonly string[];
}): FieldRules {
  const excluded = new Set(options.exclude);
  const included = new Set(options.include);
  const newNames = parseRenames(options.renames);
  const oldNames = new Map<string, string>();
  for (const name of javaHashOrder([...newNames.keys()])) {
    oldNames.set(newNames.get(name) as string, name);
  }
  return {
    excluded,
    renames: newNames,
    canChangeInPlace:
      included.size === 0 &&
      oldNames.size === newNames.size &&
      [...oldNames.keys()].every((name) => !newNames.has(name)),
    isKept: (name) => !excluded.has(name) && (included.size === 0 || included.has(name)),
    newName: (name) => newNames.get(name) ?? name,
    oldName: (name) => oldNames.get(name) ?? name,
  };
}

/** As Java does, each new field is read from the one that its name leads back to: a rename nobody uses can lead astray. */
function planStruct(schema: Schema, rules: FieldRules): Plan {
  const builder = structWithBasics(schema);
  for (const field of schema.fields) {
    if (rules.isKept(field.name)) builder.field(rules.newName(field.name), field.schema);
  }
  const updated = builder.build();
  const sources = updated.fields.map((to) => {
    const name = rules.oldName(to.name);
    return { name, from: schema.field(name), to };
  });
  return { schema: updated, sources };
}

/** The number of a field of another type has the class of that field. */
function typed(value: unknown, from: Field | null, to: Field): unknown {
  const isNumber = typeof value === 'number' || typeof value === 'bigint';
  return isNumber && from !== null && from.schema.type !== to.schema.type
    ? new TypedNumber(from.schema.type as NumberType, value)
    : value;
}

function parseRenames(mappings: readonly string[]): Map<string, string> {
  const renames = new Map<string, string>();
  for (const mapping of mappings) {
    const [from, to, ...more] = javaSplit(mapping, ':');
    if (from === undefined || to === undefined || more.length > 0) {
      throw new ConfigError('renames', mappings, `Invalid rename mapping: ${mapping}`);
    }
    renames.set(from, to);
  }
  return renames;
}
