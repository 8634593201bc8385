import { ConfigError, DataError, defineConfig, string, validator } from '@tributary/sdk';
import { confluent } from '../class-names.ts';
import { defineForKeyAndValue, type KeyAndValue } from '../define.ts';
import { compileJsonPath } from './json-path.ts';

const config = defineConfig(
  string('filter.condition', {
    importance: 'HIGH',
    validator: validator('valid JSON path', (name, value) => {
      if (value === null) return;
      try {
        compileJsonPath(value as string);
      } catch (error) {
        if (!ConfigError.is(error)) throw error;
        throw new ConfigError(name, value, error.message);
      }
    }),
    doc: 'JSON path that finds something in the records to include or exclude.',
  }),
  string('filter.type', {
    importance: 'HIGH',
    oneOf: ['include', 'exclude'],
    isCaseIgnored: true,
    doc: 'Whether such records stay (include) or go (exclude).',
  }),
  string('missing.or.null.behavior', {
    default: 'fail',
    oneOf: ['fail', 'include', 'exclude'],
    isCaseIgnored: true,
    doc: 'What becomes of records without the members that the path names.',
  }),
);

/** Keeps or drops records in which a JSON path finds something. */
export const confluentFilter: KeyAndValue = defineForKeyAndValue(
  `${confluent}.Filter`,
  config,
  (options, half) => {
    const path = compileJsonPath(options['filter.condition']);
    const keepsMatches = options['filter.type'].toLowerCase() === 'include';
    const missing = options['missing.or.null.behavior'].toLowerCase();
    return (record) => {
      const value = half.valueOf(record);
      if (path.isMissing(value)) {
        if (missing !== 'fail') return missing === 'include' ? record : null;
        throw new DataError(
          `Cannot filter by ${options['filter.condition']}: the ${half.name} has no such member`,
        );
      }
      return path.find(value).length > 0 === keepsMatches ? record : null;
    };
  },
);
