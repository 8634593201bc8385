import { defineConfig, type TransformationPlugin } from '@tributary/sdk';
import { aiven } from '../class-names.ts';
import { defineTransformation } from '../define.ts';

/** Takes away value and schema. The class has been known under two names. */
export const makeTombstone: TransformationPlugin = define(`${aiven}.MakeTombstone`);
export const makeTombstoneValue: TransformationPlugin = define(`${aiven}.MakeTombstone$Value`);

function define(className: string): TransformationPlugin {
  return defineTransformation(
    className,
    defineConfig(),
    () => (record) => record.newRecord({ valueSchema: null, value: null }),
  );
}
