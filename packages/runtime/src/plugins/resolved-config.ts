import { HiddenValues } from './hidden-values.ts';

/** A config whose references were replaced, with the way back. (no I/O) */
export interface Resolved<V extends string | null = string> {
  /** For use only: never stored, logged or answered. */
  readonly config: Record<string, V>;
  /** By path, for the values that expire. */
  readonly ttls: ReadonlyMap<string, number>;
  /** Keys whose value held a reference that was replaced. */
  readonly keys: ReadonlySet<string>;
  /** Reference -> value. */
  readonly replaced: ReadonlyMap<string, string>;
  /** A text that may quote values, such as a trace: with references in their place. */
  hide(text: string): string;
  /**
   * A config that was made from this one, such as a task's: keys of the same name get their references back, and so do values elsewhere.
   * Resolving it gives the same config again.
   */
  restore(config: Readonly<Record<string, string>>): Record<string, string>;
}

export function resolved<V extends string | null>(facts: {
  raw: Readonly<Record<string, V>>;
  config: Record<string, V>;
  replaced: ReadonlyMap<string, string>;
  ttls: ReadonlyMap<string, number>;
}): Resolved<V> {
  const { raw, config } = facts;
  const keys = new Set(Object.keys(raw).filter((key) => raw[key] !== config[key]));
  const hidden = new HiddenValues();
  hidden.add(facts.replaced);
  // A reference in place of a part of its value would resolve to all of it.
  const whole = new HiddenValues({ hidesForms: false });
  whole.add(facts.replaced);
  return {
    config,
    ttls: facts.ttls,
    keys,
    replaced: facts.replaced,
    hide: (text) => hidden.hide(text),
    restore: (made) => {
      const entries = Object.entries(made).map(([key, value]) => [
        key,
        keys.has(key) ? (raw[key] as string) : whole.hide(value),
      ]);
      return Object.fromEntries(entries);
    },
  };
}

interface Hides {
  hide(text: string): string;
}

export function hideIn(text: string, ...configs: readonly (Hides | null)[]): string {
  return configs.reduce((shown, each) => each?.hide(shown) ?? shown, text);
}

/** The same error, whose texts quote no value of a config provider. */
export function hideInError(error: unknown, ...configs: readonly (Hides | null)[]): unknown {
  if (!(error instanceof Error)) return error;
  error.message = hideIn(error.message, ...configs);
  if (error.stack !== undefined) error.stack = hideIn(error.stack, ...configs);
  const { trace } = error as { trace?: unknown };
  if (typeof trace === 'string') Object.assign(error, { trace: hideIn(trace, ...configs) });
  return error;
}
