import {
  boolean,
  type ConnectRecord,
  DataError,
  defineConfig,
  javaClassName,
  string,
  type TransformationPlugin,
} from '@tributary/sdk';
import { confluent } from '../class-names.ts';
import {
  type Apply,
  defineForKeyAndValue,
  defineTransformation,
  type KeyAndValue,
} from '../define.ts';
import { fieldOf } from '../java-value.ts';
import { compileJsonPath } from './json-path.ts';

const config = defineConfig(
  string('field', {
    default: '',
    doc: 'Field or header with the topic; empty: the whole key or value is it.',
  }),
  string('field.format', {
    default: 'PLAIN',
    oneOf: ['PLAIN', 'JSON_PATH'],
    isCaseIgnored: true,
    doc: 'Whether "field" is a name (PLAIN) or a JSON path (JSON_PATH).',
  }),
  boolean('skip.missing.or.null', {
    default: false,
    importance: 'LOW',
    doc: 'Whether records without a topic keep theirs instead of failing.',
  }),
);

interface Options {
  readonly field: string;
  readonly 'field.format': string;
  readonly 'skip.missing.or.null': boolean;
}

/** Sends records to the topic that the key, the value or one of their fields names. */
export const confluentExtractTopic: KeyAndValue = defineForKeyAndValue(
  `${confluent}.ExtractTopic`,
  config,
  (options, half) => {
    const { field } = options;
    const path =
      options['field.format'].toUpperCase() === 'JSON_PATH' ? compileJsonPath(field) : null;
    return routeBy(options, half.name, (record) => {
      const value = half.valueOf(record);
      if (field === '') return value;
      if (path !== null) return path.find(value)[0] ?? null;
      return fieldOf(value, field)?.value ?? null;
    });
  },
);

/** The topic stands in a header. */
export const confluentExtractTopicHeader: TransformationPlugin = defineTransformation(
  `${confluent}.ExtractTopic$Header`,
  config,
  (options) =>
    routeBy(
      options,
      'headers',
      (record) => record.headersOrNull?.lastWithName(options.field)?.value ?? null,
    ),
);

function routeBy(options: Options, place: string, find: (record: ConnectRecord) => unknown): Apply {
  const what = options.field === '' ? `the ${place}` : `"${options.field}" in the ${place}`;
  return (record) => {
    const topic = find(record);
    if (typeof topic === 'string' && topic !== '') return record.newRecord({ topic });
    if (topic === null || topic === '') {
      if (options['skip.missing.or.null']) return record;
      throw new DataError(`Cannot find a topic: ${what} is missing, null or empty`);
    }
    throw new DataError(`The topic must be text, but ${what} is a ${javaClassName(topic)}`);
  };
}
