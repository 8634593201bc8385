/** A config whose references were replaced, with the way back. (no I/O) */
export interface Resolved<V extends string | null = string> {
  /** For use only: never stored, logged or answered. */
  readonly config: Record<string, V>;
  /** By path, for the values that expire. */
  readonly ttls: ReadonlyMap<string, number>;
  /** Keys whose value held a reference that was replaced. */
  readonly keys: ReadonlySet<string>;
  /** A text that may quote values, such as a trace: with references in their place. */
  hide(text: string): string;
  /**
   * A config that was made from this one, such as a task's: keys of the same name get their references back, and so do values elsewhere.
   * Resolving it gives the same config again.
   */
  restore(config: Readonly<Record<string, string>>): Record<string, string>;
}

/** A shorter value would be found in texts that have nothing to do with it; under its own key it is restored all the same. */
const shortestHidden = 4;

export function restorable<V extends string | null>(
  raw: Readonly<Record<string, V>>,
  config: Record<string, V>,
  /** Reference -> value. */
  replaced: ReadonlyMap<string, string>,
  ttls: ReadonlyMap<string, number>,
): Resolved<V> {
  const keys = new Set(Object.keys(raw).filter((key) => raw[key] !== config[key]));
  // The longest first: one value may be part of another.
  const hidden = [...replaced]
    .filter(([, value]) => value.length >= shortestHidden)
    .sort(([, a], [, b]) => b.length - a.length);
  const referenceOf = new Map(hidden.map(([reference, value]) => [value, reference]));
  const pattern =
    hidden.length === 0
      ? null
      : new RegExp(hidden.map(([, value]) => literally(value)).join('|'), 'g');
  const hide = (text: string): string =>
    pattern === null ? text : text.replace(pattern, (value) => referenceOf.get(value) ?? value);
  return {
    config,
    ttls,
    keys,
    hide,
    restore: (made) => {
      const entries = Object.entries(made).map(([key, value]) => [
        key,
        keys.has(key) ? (raw[key] as string) : hide(value),
      ]);
      return Object.fromEntries(entries);
    },
  };
}

export function hideIn(
  text: string,
  ...resolved: readonly (Resolved<string | null> | null)[]
): string {
  return resolved.reduce((shown, each) => each?.hide(shown) ?? shown, text);
}

/** The same error, whose texts quote no value of a config provider. */
export function hideInError(
  error: unknown,
  ...resolved: readonly (Resolved<string | null> | null)[]
): unknown {
  if (!(error instanceof Error)) return error;
  error.message = hideIn(error.message, ...resolved);
  const { trace } = error as { trace?: unknown };
  if (typeof trace === 'string') Object.assign(error, { trace: hideIn(trace, ...resolved) });
  return error;
}

function literally(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');
}
