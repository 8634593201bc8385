/** What is fed with mutated texts. */
export interface FuzzTarget {
  /** Also the name of its corpus, `corpus/NAME.json`. */
  readonly name: string;
  /**
   * Runs one input and says in a word or two what came of it: an input with a new answer is worth mutating further.
   * Every documented error is such an answer; what is thrown is a finding.
   */
  run(input: string): string;
}

/** What mutations start from. Inputs that once broke something stay in it. */
export interface Corpus {
  /** Pieces of text that mean something to the target. */
  readonly words: readonly string[];
  readonly inputs: readonly string[];
}

/** The bytes an input stands for: one per character. */
export function bytesOf(input: string): Uint8Array {
  return Buffer.from(input, 'latin1');
}

/** The error's kind with its words, without what differs from input to input. */
export function answerOf(error: { name: string; message: string }): string {
  return `${error.name}: ${error.message.slice(0, 60).replace(/["'].*|\d+|[^\x20-\x7e]/gs, '')}`;
}

export class PropertyError extends Error {}
