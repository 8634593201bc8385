/** A shorter value would be found in texts that have nothing to do with it. */
const shortestHidden = 4;
/** Of values that changed the last ones stay known; a worker that has run for years must not know them all. */
const maxKnown = 10_000;
/** One of a list: a common word must not hide half the log. */
const shortestPart = 6;

/** Values of config providers with the references they stand for, so that texts can be shown without them. (no I/O) */
export class HiddenValues {
  /** Value -> reference, in the order in which they became known. */
  readonly #references = new Map<string, string>();
  readonly #hidesForms: boolean;
  #pattern: RegExp | null = null;

  /** `hidesForms`: each value also as config parsing makes it, without the blanks around it, and the parts of a list. */
  constructor({ hidesForms = true } = {}) {
    this.#hidesForms = hidesForms;
  }

  /** By reference. */
  add(values: ReadonlyMap<string, string>): void {
    for (const [reference, value] of values) {
      const form = this.#hidesForms ? value.trim() : value;
      if (form.length >= shortestHidden) this.#note(form, reference);
      if (!this.#hidesForms) continue;
      for (const part of value.split(',').map((each) => each.trim())) {
        if (part.length >= shortestPart) this.#note(part, reference);
      }
    }
    for (const value of this.#references.keys()) {
      if (this.#references.size <= maxKnown) break;
      this.#references.delete(value);
    }
  }

  #note(value: string, reference: string): void {
    if (this.#references.has(value)) return;
    this.#references.set(value, reference);
    this.#pattern = null;
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
