import { defineConfig, nonEmptyString, type PredicatePlugin, string } from '@tributary/sdk';
import { apache } from '../class-names.ts';
import { definePredicate } from '../define.ts';

const config = defineConfig(
  string('name', { validator: nonEmptyString(), doc: 'Name of the header to look for.' }),
);

/** Records with at least one header of that name. */
export const hasHeaderKey: PredicatePlugin = definePredicate(
  `${apache}.predicates.HasHeaderKey`,
  config,
  ({ name }) =>
    (record) =>
      record.headersOrNull !== null && record.headersOrNull.lastWithName(name) !== null,
);
