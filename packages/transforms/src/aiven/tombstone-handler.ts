import {
  ConfigError,
  DataError,
  defineConfig,
  string,
  type TransformationPlugin,
  validator,
} from '@tributary/sdk';
import { aiven } from '../class-names.ts';
import { defineTransformation } from '../define.ts';

const behaviors = ['drop_silent', 'drop_warn', 'fail'];

const config = defineConfig(
  string('behavior', {
    validator: validator('', (name, value) => {
      if (value === null || value === '') {
        throw new ConfigError(name, value, 'String must be non-empty');
      }
      if (!behaviors.includes(String(value).toLowerCase())) {
        throw new ConfigError(
          name,
          value,
          `Unsupported behavior name: ${value}. Supported are: ${behaviors.join(',')}`,
        );
      }
    }),
    doc: 'What becomes of records without a value: drop_silent and drop_warn drop them, fail fails.',
  }),
);

/** Drops tombstones, or fails for them. */
export const tombstoneHandler: TransformationPlugin = defineTransformation(
  `${aiven}.TombstoneHandler`,
  config,
  ({ behavior }) => {
    const isFailing = behavior.toLowerCase() === 'fail';
    return (record) => {
      if (record.value !== null) return record;
      if (!isFailing) return null;
      throw new DataError(
        "Tombstone record encountered, failing due to configured 'fail' behavior",
      );
    };
  },
);
