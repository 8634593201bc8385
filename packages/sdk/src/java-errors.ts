import { ConnectError } from './errors.ts';

/** Errors of Java itself where tools see them; to the worker they are like any other. */

export class IllegalArgumentError extends ConnectError {
  static override readonly kind: string = 'IllegalArgumentError';
  static override readonly javaName: string = 'java.lang.IllegalArgumentException';
}

export class IndexOutOfBoundsError extends ConnectError {
  static override readonly kind: string = 'IndexOutOfBoundsError';
  static override readonly javaName: string = 'java.lang.IndexOutOfBoundsException';
}

export class ArrayIndexOutOfBoundsError extends IndexOutOfBoundsError {
  static override readonly kind: string = 'ArrayIndexOutOfBoundsError';
  static override readonly javaName: string = 'java.lang.ArrayIndexOutOfBoundsException';
}
