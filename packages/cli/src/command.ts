/** What stands behind one word of `tributary`. */
export interface Command {
  readonly usage: string;
  /** Resolves with the exit code when the command has ended. An ExitError is shown as one line. */
  run(args: readonly string[]): Promise<number>;
}
