import type { Struct } from '@tributary/sdk';

/** Objects of Java in JavaScript. */

/** Its fields are asked for with `get`. */
export class HostStruct {
  readonly javaClass = 'org.apache.kafka.connect.data.Struct';
  readonly struct: Struct;

  constructor(struct: Struct) {
    this.struct = struct;
  }
}

/** Where it is computed with, it counts as its milliseconds, also when it is joined with texts. */
export class HostDate {
  readonly javaClass = 'java.util.Date';
  readonly #time: number;

  constructor(time: number) {
    this.#time = time;
  }

  valueOf(): number {
    return this.#time;
  }
}

/** Counts as its number, but is not `===` to it. */
export class HostLong {
  readonly javaClass = 'java.lang.Long';
  readonly value: number | bigint;

  constructor(value: number | bigint) {
    this.value = value;
  }
}
