import { javaTrim } from './java-trim.ts';

/** Cuts text into tokens: each of `: , { } [ ] "` is one, what is between them another; a backslash takes a delimiter its meaning and stays. */
export class TextTokens {
  readonly text: string;
  #at = 0;

  constructor(text: string) {
    this.text = text;
  }

  get position(): number {
    return this.#at;
  }

  rewindTo(position: number): void {
    this.#at = position;
  }

  hasNext(): boolean {
    return this.#at < this.text.length;
  }

  /** Empty at the end. */
  next(): string {
    const start = this.#at;
    let isEscaped = false;
    for (let at = start; at < this.text.length; at++) {
      const char = this.text[at] as string;
      if (!isEscaped && delimiters.has(char)) {
        this.#at = at === start ? at + 1 : at;
        return this.text.slice(start, this.#at);
      }
      isEscaped = char === '\\' && !isEscaped;
    }
    this.#at = this.text.length;
    return this.text.slice(start);
  }

  /** Moves past `expected` and blanks before it when it is next. */
  accept(expected: string): boolean {
    const start = this.#at;
    let token = this.next();
    while (isBlank(token) && this.hasNext()) token = this.next();
    if (javaTrim(token) === expected) return true;
    this.#at = start;
    return false;
  }
}

const delimiters = new Set([':', ',', '{', '}', '[', ']', '"']);

export function isBlank(text: string): boolean {
  return javaTrim(text) === '';
}
