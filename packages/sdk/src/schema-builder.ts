import { SchemaBuilderError } from './errors.ts';
import { Field, Schema, type SchemaType } from './schema.ts';
import { validateValue } from './validate-value.ts';

/**
 * Builds a schema step by step; each attribute may be set once, a default last, because it is checked against what is set so far.
 * Where a schema is wanted a builder may be given: it is built.
 * Source: Kafka Connect `SchemaBuilder`.
 */
export class SchemaBuilder {
  readonly type: SchemaType;
  readonly #keySchema: Schema | null;
  readonly #valueSchema: Schema | null;
  readonly #fields = new Map<string, Field>();
  #isOptional: boolean | null = null;
  #defaultValue: unknown = null;
  #name: string | null = null;
  #version: number | null = null;
  #doc: string | null = null;
  #parameters: Map<string, string> | null = null;

  constructor(
    type: SchemaType,
    keySchema: Schema | null = null,
    valueSchema: Schema | null = null,
  ) {
    this.type = type;
    this.#keySchema = keySchema;
    this.#valueSchema = valueSchema;
  }

  static int8(): SchemaBuilder {
    return new SchemaBuilder('INT8');
  }

  static int16(): SchemaBuilder {
    return new SchemaBuilder('INT16');
  }

  static int32(): SchemaBuilder {
    return new SchemaBuilder('INT32');
  }

  static int64(): SchemaBuilder {
    return new SchemaBuilder('INT64');
  }

  static float32(): SchemaBuilder {
    return new SchemaBuilder('FLOAT32');
  }

  static float64(): SchemaBuilder {
    return new SchemaBuilder('FLOAT64');
  }

  static boolean(): SchemaBuilder {
    return new SchemaBuilder('BOOLEAN');
  }

  static string(): SchemaBuilder {
    return new SchemaBuilder('STRING');
  }

  static bytes(): SchemaBuilder {
    return new SchemaBuilder('BYTES');
  }

  static struct(): SchemaBuilder {
    return new SchemaBuilder('STRUCT');
  }

  static array(valueSchema: Schema | SchemaBuilder): SchemaBuilder {
    return new SchemaBuilder('ARRAY', null, required(valueSchema, 'valueSchema'));
  }

  static map(
    keySchema: Schema | SchemaBuilder,
    valueSchema: Schema | SchemaBuilder,
  ): SchemaBuilder {
    const key = required(keySchema, 'keySchema');
    return new SchemaBuilder('MAP', key, required(valueSchema, 'valueSchema'));
  }

  optional(): this {
    checkUnset('optional', this.#isOptional, true);
    this.#isOptional = true;
    return this;
  }

  required(): this {
    checkUnset('optional', this.#isOptional, false);
    this.#isOptional = false;
    return this;
  }

  default(value: unknown): this {
    checkUnset('default', this.#defaultValue, value);
    try {
      validateValue(null, this.build(), value);
    } catch (error) {
      throw new SchemaBuilderError('Invalid default value', { cause: error });
    }
    this.#defaultValue = value ?? null;
    return this;
  }

  name(name: string | null): this {
    checkUnset('name', this.#name, name);
    this.#name = name;
    return this;
  }

  version(version: number | null): this {
    checkUnset('version', this.#version, version);
    this.#version = version;
    return this;
  }

  doc(doc: string | null): this {
    checkUnset('doc', this.#doc, doc);
    this.#doc = doc;
    return this;
  }

  parameter(name: string, value: string): this {
    this.#parameters ??= new Map();
    this.#parameters.set(name, value);
    return this;
  }

  parameters(parameters: Iterable<readonly [string, string]> | null): this {
    for (const [name, value] of parameters ?? []) this.parameter(name, value);
    return this;
  }

  field(name: string, schema: Schema | SchemaBuilder): this {
    if (this.type !== 'STRUCT') {
      throw new SchemaBuilderError(`Cannot create fields on type ${this.type}`);
    }
    if (name === null || name === undefined || name === '') {
      throw new SchemaBuilderError('fieldName cannot be null.');
    }
    const built = required(schema, `fieldSchema for field ${name}`);
    if (this.#fields.has(name)) {
      throw new SchemaBuilderError(`Cannot create field because of field name duplication ${name}`);
    }
    this.#fields.set(name, new Field(name, this.#fields.size, built));
    return this;
  }

  build(): Schema {
    return new Schema({
      type: this.type,
      isOptional: this.#isOptional ?? false,
      defaultValue: this.#defaultValue,
      name: this.#name,
      version: this.#version,
      doc: this.#doc,
      parameters: this.#parameters && new Map(this.#parameters),
      keySchema: this.#keySchema,
      valueSchema: this.#valueSchema,
      fields: [...this.#fields.values()],
    });
  }
}

function required(schema: Schema | SchemaBuilder | null | undefined, what: string): Schema {
  if (schema === null || schema === undefined) {
    throw new SchemaBuilderError(`${what} cannot be null.`);
  }
  return schema instanceof SchemaBuilder ? schema.build() : schema;
}

/** Setting the same value again is allowed. */
function checkUnset(attribute: string, current: unknown, value: unknown): void {
  if (current !== null && current !== value) {
    throw new SchemaBuilderError(`Invalid SchemaBuilder call: ${attribute} has already been set.`);
  }
}
