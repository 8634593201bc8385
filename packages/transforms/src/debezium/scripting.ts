import {
  ConfigError,
  type ConfigKey,
  type ConnectRecord,
  compileJavaPattern,
  DataError,
  defineConfig,
  string,
  type TransformationPlugin,
  validator,
  validJavaPattern,
} from '@tributary/sdk';
import { debezium } from '../class-names.ts';
import { type Apply, defineTransformation } from '../define.ts';
import { perText } from '../per-text.ts';
import { readScript, type ScriptResult } from './script/script.ts';

/** Debezium's transformations that ask a script about each record. */

const regex = validJavaPattern();
const topicRegex = string('topic.regex', {
  default: null,
  importance: 'LOW',
  validator: validator(regex.description, (name, value) => {
    if (value !== null) regex.check(name, value);
  }),
  doc: 'Java regular expression of the topics whose records are looked at; the others pass. Unset: all.',
});
const language = string('language', {
  importance: 'HIGH',
  doc: 'Language of the expression: jsr223.groovy, jsr223.graal.js or jsr223.js.',
});
const nullHandling = string('null.handling.mode', {
  default: 'keep',
  importance: 'LOW',
  oneOf: ['drop', 'keep', 'evaluate'],
  isCaseIgnored: true,
  doc: 'What becomes of records without a value: keep, drop, or evaluate to ask the expression.',
});

const filterConfig = defineConfig(
  topicRegex,
  language,
  expressionKey('condition', 'Expression that is true for the records to keep.'),
  nullHandling,
);

/** Keeps the records for which the condition is true. */
export const debeziumFilter: TransformationPlugin = defineTransformation(
  `${debezium}.Filter`,
  filterConfig,
  (options) => {
    const condition = readScript('condition', options.condition, options.language);
    return asked(options, (record) => {
      const result = condition(record);
      if (typeof result.value === 'boolean') return result.value ? record : null;
      return wrongResult(options.condition, result, 'Boolean');
    });
  },
);

const routerConfig = defineConfig(
  topicRegex,
  language,
  expressionKey(
    'topic.expression',
    'Expression that gives the new topic; null: the topic stays as it is.',
  ),
  nullHandling,
);

/** Sends each record to the topic that the expression gives. */
export const contentBasedRouter: TransformationPlugin = defineTransformation(
  `${debezium}.ContentBasedRouter`,
  routerConfig,
  (options) => {
    const expression = options['topic.expression'];
    const topicOf = readScript('topic.expression', expression, options.language);
    return asked(options, (record) => {
      const result = topicOf(record);
      if (result.value === null) return record;
      if (typeof result.value === 'string') return record.newRecord({ topic: result.value });
      return wrongResult(expression, result, 'String');
    });
  },
);

function expressionKey<const Name extends string>(
  name: Name,
  doc: string,
): ConfigKey<Name, string> {
  return string(name, {
    importance: 'HIGH',
    validator: validator('non-empty expression', (key, value) => {
      if (value === null || (value as string).trim() === '') {
        throw new ConfigError(key, value, 'A value is required');
      }
    }),
    doc,
  });
}

/** Which records are asked about at all. */
function asked(
  options: { readonly 'topic.regex': string | null; readonly 'null.handling.mode': string },
  apply: (record: ConnectRecord) => ConnectRecord | null,
): Apply {
  const pattern = options['topic.regex'] ? compileJavaPattern(options['topic.regex']) : null;
  const isAsked = pattern === null ? () => true : perText((topic) => pattern.matches(topic));
  const nulls = options['null.handling.mode'].toLowerCase();
  return (record) => {
    if (!isAsked(record.topic)) return record;
    if (record.value === null && nulls !== 'evaluate') return nulls === 'keep' ? record : null;
    return apply(record);
  };
}

function wrongResult(expression: string, { kind }: ScriptResult, wanted: string): never {
  throw new DataError(
    `Error while evaluating expression '${expression}': the value returned by the expression is not a ${wanted} but ${kind}`,
  );
}
