import { type Compiled, compileTable } from './compile.ts';
import type { Reader } from './reader.ts';
import type { Decoded, FieldTable, Input } from './schema.ts';
import { WireError } from './wire-error.ts';
import type { Writer } from './writer.ts';

/** `T` is what may be encoded; decoding delivers every field. Throws WireError for other versions than the API's. */
export interface Codec<T> {
  readonly fields: FieldTable;
  encode(writer: Writer, value: T, version: number): void;
  decode(reader: Reader, version: number): Decoded<T>;
}

export interface Api<Req, Res> {
  readonly key: number;
  readonly name: string;
  readonly minVersion: number;
  readonly maxVersion: number;
  /** First version with compact lengths and tagged fields; Infinity when there is none. */
  readonly flexibleFrom: number;
  readonly request: Codec<Req>;
  readonly response: Codec<Res>;
}

export type RequestOf<A> = A extends Api<infer Req, infer _> ? Req : never;
export type ResponseOf<A> = A extends Api<infer _, infer Res> ? Res : never;

export interface ApiDefinition<Req extends FieldTable, Res extends FieldTable> {
  readonly key: number;
  readonly name: string;
  readonly minVersion: number;
  readonly maxVersion: number;
  readonly flexibleFrom: number;
  readonly request: Req;
  readonly response: Res;
}

export function defineApi<const Req extends FieldTable, const Res extends FieldTable>(
  definition: ApiDefinition<Req, Res>,
): Api<Input<Req>, Input<Res>> {
  return {
    ...definition,
    request: codec(definition, 'request', definition.request),
    response: codec(definition, 'response', definition.response),
  };
}

/** Compiles a version when it is first used. */
function codec<T>(
  api: Omit<ApiDefinition<FieldTable, FieldTable>, 'request' | 'response'>,
  kind: string,
  fields: FieldTable,
): Codec<T> {
  const versions: (Compiled | undefined)[] = [];
  const compiled = (version: number): Compiled => {
    const found = versions[version];
    if (found !== undefined) return found;
    if (!Number.isInteger(version) || version < api.minVersion || version > api.maxVersion) {
      const range = `${api.minVersion} to ${api.maxVersion}`;
      throw new WireError(`${api.name} ${kind} has no version ${version}, only ${range}`);
    }
    const made = compileTable(fields, version, version >= api.flexibleFrom);
    versions[version] = made;
    return made;
  };
  const named = (error: unknown, version: number) =>
    error instanceof WireError ? error.within(`${api.name} ${kind} version ${version}`) : error;
  return {
    fields,
    encode(writer, value, version) {
      const table = compiled(version);
      try {
        table.encode(writer, value);
      } catch (error) {
        throw named(error, version);
      }
    },
    decode(reader, version) {
      const table = compiled(version);
      try {
        return table.decode(reader) as Decoded<T>;
      } catch (error) {
        throw named(error, version);
      }
    },
  };
}
