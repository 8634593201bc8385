import type { Struct } from '@tributary/sdk';

/** A struct as an object of Java: its fields are asked for with `get`. */
export class HostStruct {
  readonly struct: Struct;

  constructor(struct: Struct) {
    this.struct = struct;
  }
}

/** A java.util.Date, which counts as its milliseconds everywhere, also where it is joined with texts. */
export class HostDate {
  readonly #time: number;

  constructor(time: number) {
    this.#time = time;
  }

  valueOf(): number {
    return this.#time;
  }
}
