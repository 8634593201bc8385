/** A shorter value would be found in texts that have nothing to do with it. */
const shortestHidden = 4;
/** Of values that changed the last ones stay known; a worker that has run for years must not know them all. */
const maxKnown = 10_000;

/** Values of config providers with the references they stand for, so that texts can be shown without them. (no I/O) */
export class HiddenValues {
  /** Value -> reference, in the order in which they became known. */
  readonly #references = new Map<string, string>();
  #pattern: RegExp | null = null;

  /** By reference. */
  add(values: ReadonlyMap<string, string>): void {
    for (const [reference, value] of values) {
      if (value.length < shortestHidden || this.#references.has(value)) continue;
      this.#references.set(value, reference);
      this.#pattern = null;
    }
    for (const value of this.#references.keys()) {
      if (this.#references.size <= maxKnown) break;
      this.#references.delete(value);
    }
  }

  /** The text with references in place of the values that it quotes. */
  hide(text: string): string {
    if (this.#references.size === 0) return text;
    this.#pattern ??= patternOf([...this.#references.keys()]);
    return text.replace(this.#pattern, (value) => this.#references.get(value) ?? value);
  }
}

/** The longest first: one value may be part of another. */
function patternOf(values: string[]): RegExp {
  const sorted = values.sort((a, b) => b.length - a.length);
  const literals = sorted.map((value) => value.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&'));
  return new RegExp(literals.join('|'), 'g');
}
