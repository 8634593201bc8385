import { defineConfig, type PredicatePlugin } from '@tributary/sdk';
import { apache } from '../class-names.ts';
import { definePredicate } from '../define.ts';

/** Records whose value is null, with or without a schema. */
export const recordIsTombstone: PredicatePlugin = definePredicate(
  `${apache}.predicates.RecordIsTombstone`,
  defineConfig(),
  () => (record) => record.value === null,
);
