import {
  anyNonDuplicateValues,
  defineConfig,
  list,
  type TransformationPlugin,
} from '@tributary/sdk';
import { apache } from './class-names.ts';
import { defineTransformation } from './define.ts';

const config = defineConfig(
  list('headers', {
    importance: 'HIGH',
    validator: anyNonDuplicateValues(false, false),
    doc: 'Names of the headers to remove.',
  }),
);

/** Removes all headers of the listed names. */
export const dropHeaders: TransformationPlugin = defineTransformation(
  `${apache}.DropHeaders`,
  config,
  ({ headers: names }) => {
    const dropped = new Set(names);
    return (record) => {
      const headers = record.headersOrNull?.duplicate() ?? null;
      headers?.apply((header) => (dropped.has(header.key) ? null : header));
      return record.newRecord({ headers });
    };
  },
);
