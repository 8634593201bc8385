import {
  ConfigError,
  compileDatePattern,
  DataError,
  defineConfig,
  IllegalArgumentError,
  type JavaDateFormat,
  list,
  string,
  type TransformationPlugin,
} from '@tributary/sdk';
import { confluent } from '../class-names.ts';
import { defineTransformation } from '../define.ts';
import { isLong, textOf } from '../java-value.ts';
import { type FieldMap, requireMap } from '../requirements.ts';

const config = defineConfig(
  string('topic.format', {
    default: '${topic}-${timestamp}',
    importance: 'HIGH',
    doc: 'New topic; ${topic} and ${timestamp} stand for those of the record.',
  }),
  string('topic.timestamp.format', {
    default: 'yyyyMMdd',
    importance: 'HIGH',
    doc: 'Pattern for the timestamp in the topic, as java.text.SimpleDateFormat takes it.',
  }),
  string('message.timestamp.format', {
    default: 'yyyy-MM-dd',
    importance: 'HIGH',
    doc: 'Pattern of the timestamp in the value.',
  }),
  list('message.timestamp.keys', {
    importance: 'HIGH',
    doc: 'Members of the value that may hold it; the first that is there counts.',
  }),
);

/** Puts a timestamp out of the value into the topic; the value is a map. */
export const messageTimestampRouter: TransformationPlugin = defineTransformation(
  `${confluent}.MessageTimestampRouter`,
  config,
  (options) => {
    const input = compile('message.timestamp.format', options['message.timestamp.format']);
    const output = compile('topic.timestamp.format', options['topic.timestamp.format']);
    const keys = options['message.timestamp.keys'];
    return (record) => {
      const map = requireMap(record.value, 'routing by a timestamp');
      const timestamp = output.format(readTimestamp(map, keys, input));
      const topic = options['topic.format']
        .replaceAll('${topic}', () => record.topic)
        .replaceAll('${timestamp}', () => timestamp);
      return record.newRecord({ topic });
    };
  },
);

function compile(key: string, pattern: string): JavaDateFormat {
  try {
    return compileDatePattern(pattern);
  } catch (error) {
    if (!IllegalArgumentError.is(error)) throw error;
    throw new ConfigError(key, pattern, error.message, { cause: error });
  }
}

/** Text in the pattern's form, or milliseconds. */
function readTimestamp(map: FieldMap, keys: readonly string[], format: JavaDateFormat): number {
  const key = keys.find((each) => (map.get(each) ?? null) !== null);
  if (key === undefined) {
    throw new DataError(`Cannot find a timestamp: none of [${keys.join(', ')}] is in the value`);
  }
  const value = map.get(key);
  if (value instanceof Date) return value.getTime();
  if (isLong({ schema: null, value })) return Number(value);
  const millis = format.parse(textOf({ schema: null, value }));
  if (millis !== null) return millis;
  throw new DataError(
    `Cannot read the timestamp in "${key}": it does not match the pattern ${format.pattern}`,
  );
}
