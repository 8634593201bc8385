/** One word behind `tributary`. */
export interface Command {
  readonly name: string;
  /** One line for the list of commands. */
  readonly summary: string;
  readonly usage: string;
  /** Resolves with the exit code when the command has ended. An ExitError is shown as one line. */
  run(args: readonly string[]): Promise<number>;
}
