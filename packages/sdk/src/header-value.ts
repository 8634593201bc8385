import { DataError } from './errors.ts';
import { isStruct } from './is-struct.ts';
import { javaText } from './java-text.ts';
import type { Schema } from './schema.ts';
import { hasClassFor } from './validate-value.ts';

/** DataError when value and schema of a header do not fit; elements of lists and maps are not looked at. */
export function checkHeaderValue(value: unknown, schema: Schema | null): void {
  if (schema === null) return;
  if (value === null || value === undefined) {
    if (schema.isOptional) return;
    throw new DataError(`A null value requires an optional schema but was ${schema}`);
  }
  const fits = isStruct(value) ? value.schema.equals(schema) : hasClassFor(schema, value);
  if (!fits) {
    throw new DataError(
      `The value ${javaText(value, schema)} is not compatible with the schema ${schema}`,
    );
  }
}
