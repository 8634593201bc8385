/**
 * Bytes or values that do not fit the protocol: truncated input, nonsense lengths, a value that a version cannot carry.
 * `path` names the field from the outside in, for example `["Fetch response version 12", "responses", "[3]", "topic"]`.
 */
export class WireError extends Error {
  override readonly name = 'WireError';
  readonly reason: string;
  readonly path: readonly string[] = [];

  constructor(reason: string, options?: ErrorOptions) {
    super(reason, options);
    this.reason = reason;
  }

  /** Puts one more outer step before the path; called while the error travels up through the structures. */
  within(step: string): this {
    const path = [step, ...this.path];
    const place = path.slice(1).join('.').replaceAll('.[', '[');
    const message =
      place === '' ? `${step}: ${this.reason}` : `${step}, "${place}": ${this.reason}`;
    return Object.assign(this, { path, message });
  }
}
