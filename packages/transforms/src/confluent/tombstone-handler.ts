import { DataError, defineConfig, string, type TransformationPlugin } from '@tributary/sdk';
import { confluent } from '../class-names.ts';
import { defineTransformation } from '../define.ts';

const config = defineConfig(
  string('behavior', {
    default: 'warn',
    oneOf: ['ignore', 'warn', 'fail'],
    isCaseIgnored: true,
    doc: 'What becomes of records without a value: ignore and warn drop them, fail fails.',
  }),
);

/** Drops tombstones, or fails for them. */
export const confluentTombstoneHandler: TransformationPlugin = defineTransformation(
  `${confluent}.TombstoneHandler`,
  config,
  ({ behavior }) => {
    const isFailing = behavior.toLowerCase() === 'fail';
    return (record) => {
      if (record.value !== null) return record;
      if (!isFailing) return null;
      throw new DataError(
        `Tombstone record encountered in topic "${record.topic}", and "behavior" is fail`,
      );
    };
  },
);
