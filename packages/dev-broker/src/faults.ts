/**
 * What happens to a request instead of, or beside, its usual answer.
 * - error: every part of the answer carries the code; nothing is done.
 * - delay: the request is handled after the time. Requests behind it on the connection wait too.
 * - close: the connection is closed, nothing is done.
 * - lose-answer: the request is carried out, then the connection is closed without the answer.
 * - disk-full: every write of the request fails as on a full disk.
 * - answer: this is the answer; fields as in the API's table.
 * - change: the request is carried out, and answered with what `change` makes of its answer.
 */
export type Fault =
  | { readonly kind: 'error'; readonly errorCode: number }
  | { readonly kind: 'delay'; readonly delayMs: number }
  | { readonly kind: 'close' }
  | { readonly kind: 'lose-answer' }
  | { readonly kind: 'disk-full' }
  | { readonly kind: 'answer'; readonly response: unknown }
  | { readonly kind: 'change'; readonly change: (response: unknown) => unknown };

export interface ControlledRequest {
  readonly apiKey: number;
  readonly version: number;
  readonly clientId: string;
  /** The port that the client connected to. */
  readonly localPort: number;
  /** The decoded request; fields as in the API's table. */
  readonly body: unknown;
}

/** A fault, or a function that chooses one; undefined leaves the request alone and does not count. */
export type Respond = Fault | ((request: ControlledRequest) => Fault | undefined);

export interface ControlOptions {
  /** How many requests are hit before the fault removes itself; without limit when absent. */
  readonly times?: number;
}

export interface Faults {
  control(apiKey: number, respond: Respond, options?: ControlOptions): () => void;
  /** The fault for a request: of the rules of its API the first that wants it. */
  next(request: ControlledRequest): Fault | undefined;
}

interface Rule {
  readonly apiKey: number;
  readonly respond: Respond;
  timesLeft: number;
}

export function createFaults(): Faults {
  const rules = new Set<Rule>();
  return {
    control(apiKey, respond, options = {}) {
      const rule = { apiKey, respond, timesLeft: options.times ?? Number.POSITIVE_INFINITY };
      rules.add(rule);
      return () => void rules.delete(rule);
    },
    next(request) {
      for (const rule of rules) {
        if (rule.apiKey !== request.apiKey) continue;
        const fault = typeof rule.respond === 'function' ? rule.respond(request) : rule.respond;
        if (fault === undefined) continue;
        rule.timesLeft -= 1;
        if (rule.timesLeft <= 0) rules.delete(rule);
        return fault;
      }
      return undefined;
    },
  };
}
