import type { Schema } from '@tributary/sdk';

/** As many as Java's transformations remember. */
const maxRecent = 16;

/**
 * Remembers what `compile` makes of a schema. Found by the schema object at once, else among the latest by equality, so that a source that makes its schema
 * anew for each record gets the same result objects, which the converters behind it know.
 */
export function perSchema<T>(compile: (schema: Schema) => T): (schema: Schema) => T {
  const bySchema = new WeakMap<Schema, T>();
  const recent: { schema: Schema; result: T }[] = [];
  let lastSchema: Schema | null = null;
  let lastResult: T;

  const find = (schema: Schema): T => {
    const known = bySchema.get(schema);
    if (known !== undefined) return known;
    const equal = recent.find((entry) => entry.schema.equals(schema));
    const result = equal === undefined ? compile(schema) : equal.result;
    if (equal === undefined) {
      recent.unshift({ schema, result });
      if (recent.length > maxRecent) recent.pop();
    }
    bySchema.set(schema, result);
    return result;
  };

  return (schema) => {
    if (schema !== lastSchema) {
      lastResult = find(schema);
      lastSchema = schema;
    }
    return lastResult;
  };
}
