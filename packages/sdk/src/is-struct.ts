import type { Struct } from './struct.ts';

/** On every Struct, also on those of another copy of this package. */
export const structBrand: unique symbol = Symbol.for('tributary.struct') as never;

export function isStruct(value: unknown): value is Struct {
  return typeof value === 'object' && value !== null && structBrand in value;
}
