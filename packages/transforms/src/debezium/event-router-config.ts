import {
  boolean,
  type ConfigDef,
  ConfigError,
  type ConfigKey,
  defineConfig,
  list,
  string,
  validJavaPattern,
} from '@tributary/sdk';
import { optionalChoice } from './optional-choice.ts';

/** Keys of the outbox event router: columns of the outbox table, and what becomes of them. */

const id = column('table.field.event.id', 'id', 'Column of the id, which becomes the header "id".');
const key = column('table.field.event.key', 'aggregateid', 'Column of the key.');
const payload = column('table.field.event.payload', 'payload', 'Column of the payload.');
const timestamp = string('table.field.event.timestamp', {
  default: null,
  doc: 'Column of the timestamp; unset: the time of the change event.',
});
const version = string('table.field.event.schema.version', {
  default: null,
  importance: 'LOW',
  doc: "Column of the version of the value's schema.",
});
const routeBy = column('route.by.field', 'aggregatetype', 'Column that decides the topic.');
const placement = list('table.fields.additional.placement', {
  default: '',
  doc: 'Further columns, as column:header, column:envelope or column:partition, with :name for another name.',
});
const missing = string('table.field.additional.missing', {
  default: null,
  validator: optionalChoice('error', 'ignore'),
  doc: 'What a missing further column does: error (the default) or ignore.',
});
const errorOnMissing = boolean('table.fields.additional.error.on.missing', {
  default: true,
  importance: 'LOW',
  doc: 'Older way: whether a missing further column fails.',
});
const topicRegex = string('route.topic.regex', {
  default: '(?<routedByValue>.*)',
  importance: 'LOW',
  validator: validJavaPattern(),
  doc: 'Java regular expression for the value of the column that decides the topic.',
});
const topicReplacement = string('route.topic.replacement', {
  default: 'outbox.event.${routedByValue}',
  importance: 'HIGH',
  doc: 'The topic; ${routedByValue} stands for that value.',
});
const tombstones = boolean('route.tombstone.on.empty.payload', {
  default: false,
  doc: 'Whether an empty payload makes a tombstone.',
});
const expandJson = boolean('table.expand.json.payload', {
  default: false,
  doc: 'Whether a payload of JSON text becomes a struct.',
});
const jsonNull = string('table.json.payload.null.behavior', {
  default: 'ignore',
  oneOf: ['ignore', 'optional_bytes'],
  doc: 'What members of that JSON that are null become: left out, or optional bytes.',
});
const invalidOperation = string('table.op.invalid.behavior', {
  default: 'warn',
  oneOf: ['warn', 'error', 'fatal'],
  doc: 'What updates do to the outbox table: warn and error drop them, fatal fails.',
});

export const eventRouterConfig: ConfigDef<
  readonly [
    typeof id,
    typeof key,
    typeof payload,
    typeof timestamp,
    typeof version,
    typeof routeBy,
    typeof placement,
    typeof missing,
    typeof errorOnMissing,
    typeof topicRegex,
    typeof topicReplacement,
    typeof tombstones,
    typeof expandJson,
    typeof jsonNull,
    typeof invalidOperation,
  ]
> = defineConfig(
  id,
  key,
  payload,
  timestamp,
  version,
  routeBy,
  placement,
  missing,
  errorOnMissing,
  topicRegex,
  topicReplacement,
  tombstones,
  expandJson,
  jsonNull,
  invalidOperation,
);

/** A further column of the outbox table. */
export interface Placement {
  readonly column: string;
  readonly place: 'header' | 'envelope' | 'partition';
  readonly name: string;
}

export function parsePlacements(texts: readonly string[]): Placement[] {
  return texts.map((text) => {
    const [name = '', place = '', alias, ...more] = text.split(':').map((part) => part.trim());
    const known = (['header', 'envelope', 'partition'] as const).find((each) => each === place);
    if (name === '' || known === undefined || more.length > 0) {
      throw new ConfigError(
        'table.fields.additional.placement',
        text,
        'Expected column:header, column:envelope or column:partition, each with an optional :name',
      );
    }
    return { column: name, place: known, name: alias ?? name };
  });
}

function column<const Name extends string>(
  name: Name,
  defaultValue: string,
  doc: string,
): ConfigKey<Name, string> {
  return string(name, { default: defaultValue, doc });
}
