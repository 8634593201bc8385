import {
  defineConfig,
  nonNull,
  parseString,
  string,
  type TransformationPlugin,
} from '@tributary/sdk';
import { apache } from './class-names.ts';
import { defineTransformation } from './define.ts';

const config = defineConfig(
  string('header', { importance: 'HIGH', validator: nonNull(), doc: 'Name of the header.' }),
  string('value.literal', {
    importance: 'HIGH',
    validator: nonNull(),
    doc: 'Value of the header on all records; its type is found as for header text.',
  }),
);

/** Adds one header to every record; headers of the same name stay. */
export const insertHeader: TransformationPlugin = defineTransformation(
  `${apache}.InsertHeader`,
  config,
  ({ header, 'value.literal': literal }) => {
    const parsed = parseString(literal);
    return (record) => {
      const headers = record.headers.duplicate().addSchemaAndValue(header, parsed);
      return record.newRecord({ headers });
    };
  },
);
