import { defineConfig, type TransformationPlugin } from '@tributary/sdk';
import { apache } from './class-names.ts';
import { defineTransformation } from './define.ts';

/** Drops every record; made for use behind a predicate. */
export const filter: TransformationPlugin = defineTransformation(
  `${apache}.Filter`,
  defineConfig(),
  () => () => null,
);
