import {
  ConfigError,
  type ConnectRecord,
  DataError,
  defineConfig,
  type Field,
  isStruct,
  list,
  type Schema,
  Struct,
  string,
  TIMESTAMP_NAME,
  type TransformationPlugin,
  validator,
} from '@tributary/sdk';
import { debezium } from '../class-names.ts';
import { defineTransformation } from '../define.ts';
import { perSchema } from '../per-schema.ts';
import { envelopeOf } from './envelope.ts';
import { type Columns, type FindColumns, readTableRules } from './timezone/table-rules.ts';
import { findTimeZone, type TimeZone } from './timezone/time-zone.ts';
import { moveDateTime, moveTime } from './timezone/zoned-text.ts';

const config = defineConfig(
  string('converted.timezone', {
    importance: 'HIGH',
    validator: validator('time zone', (name, value) => {
      if (value === null || findTimeZone(value as string) === null) {
        throw new ConfigError(
          name,
          value,
          'Invalid timezone format. Please specify either a geographic timezone (e.g. America/Los_Angeles) or a UTC offset in the format of +/-hh:mm, (e.g. +08:00).',
        );
      }
    }),
    doc: 'Time zone to convert to: Europe/Oslo or +01:00.',
  }),
  list('include.list', {
    default: null,
    importance: 'HIGH',
    doc: 'What is converted: source:table, topic:topic, either with :column, or name:column. Unset: everything.',
  }),
  list('exclude.list', {
    default: null,
    importance: 'HIGH',
    doc: 'What is not converted, in the same form.',
  }),
);

/** Converts times in the rows of change events to a time zone. */
export const timezoneConverter: TransformationPlugin = defineTransformation(
  `${debezium}.TimezoneConverter`,
  config,
  (options) => {
    const zone = findTimeZone(options['converted.timezone']) as TimeZone;
    const columnsToConvert = readLists(options['include.list'], options['exclude.list']);

    return (record) => {
      const event = record.value === null ? null : envelopeOf(record, 'converting time zones');
      if (event === null) return record;
      const choice = columnsToConvert(record, tableOf(event));
      if (choice === null) return record;
      const value = convertEvent(event, choice);
      return value === event ? record : record.newRecord({ value });
    };

    function convertEvent(event: Struct, choice: Choice): Struct {
      let changed: unknown[] | null = null;
      for (const part of parts) {
        const field = event.schema.field(part);
        if (field === null || field.schema.type !== 'STRUCT') continue;
        const row = event.at(field.index);
        const isChosen = choice[part];
        if (!isStruct(row) || isChosen === null) continue;
        const converted = convertRow(row, part, isChosen);
        if (converted === row) continue;
        changed ??= event.schema.fields.map(({ index }) => event.at(index));
        changed[field.index] = converted;
      }
      return changed === null ? event : new Struct(event.schema, changed);
    }

    function convertRow(row: Struct, part: Part, isChosen: (column: string) => boolean): Struct {
      let changed: unknown[] | null = null;
      for (const { field, convert } of conversionsOf[part](row.schema)) {
        // A null is read as its default, and then stored.
        const value = row.get(field);
        if (value === null || !isChosen(field.name)) continue;
        changed ??= row.schema.fields.map(({ index }) => row.at(index));
        changed[field.index] = convert(value, zone, field);
      }
      return changed === null ? row : new Struct(row.schema, changed);
    }
  },
);

const parts = ['before', 'after', 'source'] as const;
type Part = (typeof parts)[number];

/** Which columns of each part are converted; null for none of it. */
type Choice = Readonly<Record<Part, ((column: string) => boolean) | null>>;
type Choose = (record: ConnectRecord, table: string | null) => Choice | null;

const all = (): boolean => true;
const everything: Choice = { before: all, after: all, source: null };

function readLists(include: readonly string[] | null, exclude: readonly string[] | null): Choose {
  if (include !== null && exclude !== null) {
    throw new ConfigError('Both include and exclude lists are specified. Please specify only one.');
  }
  if (include !== null) {
    const choiceOf = choices((column, columns) => columns.has(column));
    return choosing(readTableRules('include.list', include), null, (columns) =>
      columns.size === 0 ? everything : choiceOf(columns),
    );
  }
  if (exclude !== null) {
    const choiceOf = choices((column, columns) => !columns.has(column));
    return choosing(readTableRules('exclude.list', exclude), everything, (columns) =>
      columns.size === 0 ? null : choiceOf(columns),
    );
  }
  return () => everything;
}

function choosing(
  find: FindColumns,
  unlisted: Choice | null,
  choose: (columns: Columns) => Choice | null,
): Choose {
  return (record, table) => {
    const columns = find(record.topic, table);
    return columns === null ? unlisted : choose(columns);
  };
}

/** `before.x`, `after.x` and `source.x` are columns of one part, `x` is one of both rows. Times of the source are converted only where one of them is named. */
function choices(
  isChosen: (column: string, columns: Columns) => boolean,
): (columns: Columns) => Choice {
  const known = new WeakMap<Columns, Choice>();
  const ofPart = (columns: Columns, part: Part): Set<string> => {
    const named = [...columns].filter((column) => column.startsWith(`${part}.`));
    return new Set(named.map((column) => column.slice(part.length + 1)));
  };
  return (columns) => {
    const before = known.get(columns);
    if (before !== undefined) return before;
    const plain = [...columns].filter((column) => !/^(?:before|after|source)\./.test(column));
    const rule = (own: ReadonlySet<string>) => (column: string) => isChosen(column, own);
    const source = ofPart(columns, 'source');
    const choice: Choice = {
      before: rule(new Set([...plain, ...ofPart(columns, 'before')])),
      after: rule(new Set([...plain, ...ofPart(columns, 'after')])),
      source: source.size === 0 ? null : rule(source),
    };
    known.set(columns, choice);
    return choice;
  };
}

function tableOf(event: Struct): string | null {
  const source = event.schema.field('source') === null ? null : event.get('source');
  if (!isStruct(source) || source.schema.field('table')?.schema.type !== 'STRING') return null;
  return source.getString('table');
}

type Convert = (value: unknown, zone: TimeZone, field: Field) => unknown;

interface Conversion {
  readonly field: Field;
  readonly convert: Convert;
}

const ofRow = perSchema((schema) => findConversions(schema, () => null));
const conversionsOf: Readonly<Record<Part, (schema: Schema) => Conversion[]>> = {
  before: ofRow,
  after: ofRow,
  source: perSchema((schema) => findConversions(schema, (name) => ofSource[name] ?? null)),
};

function findConversions(schema: Schema, byName: (name: string) => Convert | null): Conversion[] {
  return schema.fields.flatMap((field) => {
    const { name } = field.schema;
    const convert = name === null ? byName(field.name) : byType[name];
    return convert ? [{ field, convert }] : [];
  });
}

/** Numbers are what a clock in the zone showed, taken for one in UTC: they become the instant. */
const byType: Readonly<Record<string, Convert>> = {
  'io.debezium.time.Timestamp': localToInstant(1_000n),
  'io.debezium.time.MicroTimestamp': localToInstant(1_000_000n),
  'io.debezium.time.NanoTimestamp': localToInstant(1_000_000_000n),
  'io.debezium.time.ZonedTimestamp': (value, zone) => moveDateTime(value as string, zone),
  'io.debezium.time.ZonedTime': (value, zone) =>
    moveTime(value as string, zone, Math.floor(Date.now() / 1000)),
  [TIMESTAMP_NAME]: (value, zone) => {
    const local = (value as Date).getTime();
    return new Date(local - zone.offsetOfLocal(Math.floor(local / 1000)) * 1000);
  },
};

/** Instants, which become what a clock in the zone shows. */
const ofSource: Readonly<Record<string, Convert>> = {
  ts_ms: instantToLocal(1_000n),
  ts_us: instantToLocal(1_000_000n),
  ts_ns: instantToLocal(1_000_000_000n),
};

function localToInstant(unitsPerSecond: bigint): Convert {
  return (value, zone, field) => {
    const local = requireLong(value, field);
    const offset = zone.offsetOfLocal(secondsOf(local, unitsPerSecond));
    return BigInt.asIntN(64, local - BigInt(offset) * unitsPerSecond);
  };
}

function instantToLocal(unitsPerSecond: bigint): Convert {
  return (value, zone, field) => {
    const instant = requireLong(value, field);
    const offset = zone.offsetAt(secondsOf(instant, unitsPerSecond));
    return BigInt.asIntN(64, instant + BigInt(offset) * unitsPerSecond);
  };
}

function requireLong(value: unknown, { name, schema }: Field): bigint {
  if (typeof value === 'bigint') return value;
  throw new DataError(`Cannot convert "${name}" to a time zone: it is ${schema.type}, not INT64`);
}

/** Rounded down. */
function secondsOf(value: bigint, unitsPerSecond: bigint): number {
  const rest = ((value % unitsPerSecond) + unitsPerSecond) % unitsPerSecond;
  return Number((value - rest) / unitsPerSecond);
}
