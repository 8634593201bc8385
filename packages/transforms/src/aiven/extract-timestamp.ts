import {
  ConfigError,
  DataError,
  defineConfig,
  nonEmptyString,
  string,
  validator,
} from '@tributary/sdk';
import { aiven } from '../class-names.ts';
import { defineForKeyAndValue, type KeyAndValue } from '../define.ts';
import { fieldOf, isLong } from '../java-value.ts';

const resolutions = ['milliseconds', 'seconds'];

const config = defineConfig(
  string('field.name', {
    importance: 'HIGH',
    validator: nonEmptyString(),
    doc: 'Field with the timestamp: a whole number or a Timestamp.',
  }),
  string('timestamp.resolution', {
    default: 'milliseconds',
    importance: 'LOW',
    validator: validator('', (name, value) => {
      if (!resolutions.includes(value as string)) {
        throw new ConfigError(
          name,
          value,
          `Unsupported resolution type '${value}'. Supported are: ${resolutions.join(', ')}`,
        );
      }
    }),
    doc: 'What a number counts since 1970: milliseconds or seconds.',
  }),
);

/** Gives records the timestamp that a field holds. */
export const extractTimestamp: KeyAndValue = defineForKeyAndValue(
  `${aiven}.ExtractTimestamp`,
  config,
  ({ 'field.name': name, 'timestamp.resolution': resolution }, half) =>
    (record) => {
      const container = half.valueOf(record);
      if (container === null) throw new DataError(`${half.name} can't be null: ${record}`);
      const field = fieldOf(container, name);
      if (field === undefined) {
        throw new DataError(`${half.name} type must be STRUCT or MAP: ${record}`);
      }
      if (field === null || field.value === null) {
        throw new DataError(`${name} field must be present and its value can't be null: ${record}`);
      }
      if (field.value instanceof Date) {
        return record.newRecord({ timestamp: field.value.getTime() });
      }
      if (!isLong(field)) {
        throw new DataError(
          `${name} field must be INT64 or org.apache.kafka.connect.data.Timestamp: ${record}`,
        );
      }
      const timestamp = Number(field.value) * (resolution === 'seconds' ? 1000 : 1);
      return record.newRecord({ timestamp });
    },
);
