/** One recorded call: what went in, and what came out or which error. */
export interface VectorCase {
  readonly name: string;
  readonly in: VectorInput;
  readonly expect?: unknown;
  readonly error?: ExpectedError;
}

// The members differ from kind to kind; each adapter knows its own.
// oxlint-disable-next-line typescript/no-explicit-any -- see above
export type VectorInput = any;

export interface ExpectedError {
  /** Simple name of the Java class. */
  readonly class: string;
  /** Absent: the text is the JVM's and not compared. `@*` stands for an object's identity. */
  readonly message?: string;
}

/** Makes the recorded call with our code; the result in the form of the recordings. */
export type Adapter = (input: VectorInput) => unknown;
