import {
  type ConnectRecord,
  compileDatePattern,
  DataError,
  defineConfig,
  type JavaDateFormat,
  string,
  type TransformationPlugin,
} from '@tributary/sdk';
import { apache } from './class-names.ts';
import { defineTransformation } from './define.ts';

const config = defineConfig(
  string('topic.format', {
    default: '${topic}-${timestamp}',
    importance: 'HIGH',
    doc: 'New topic; ${topic} and ${timestamp} stand for those of the record.',
  }),
  string('timestamp.format', {
    default: 'yyyyMMdd',
    importance: 'HIGH',
    doc: 'Pattern for the timestamp as java.text.SimpleDateFormat takes it; the time zone is UTC.',
  }),
);

/** Puts the record's timestamp into its topic. */
export const timestampRouter: TransformationPlugin = defineTransformation(
  `${apache}.TimestampRouter`,
  config,
  ({ 'topic.format': topicFormat, 'timestamp.format': pattern }) => {
    // Java, too, looks at the pattern when the first record comes.
    let format: JavaDateFormat | null = null;
    return (record) => {
      const timestamp = timestampOf(record);
      format ??= compileDatePattern(pattern);
      const withTopic = topicFormat.replaceAll('${topic}', () => record.topic);
      const text = format.format(timestamp);
      return record.newRecord({ topic: withTopic.replaceAll('${timestamp}', () => text) });
    };
  },
);

function timestampOf(record: ConnectRecord): number {
  if (record.timestamp === null) throw new DataError(`Timestamp missing on record: ${record}`);
  return record.timestamp;
}
