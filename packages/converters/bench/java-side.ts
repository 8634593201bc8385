import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/** The Java program with Kafka Connect's own classes, one command at a time. */
export interface JavaSide {
  /** Writes the results of one row into `file`, a line per message. */
  check(row: string, file: string): Promise<void>;
  /** Operations per second. */
  run(row: string, millis: number): Promise<number>;
  stop(): Promise<void>;
}

const program = fileURLToPath(new URL('../../testkit/java/bench/DataBench.java', import.meta.url));

const command = 'java';

export function startJavaSide(classPath: string, folder: string): JavaSide {
  const child = spawn(
    command,
    ['-Dorg.slf4j.simpleLogger.defaultLogLevel=error', '-cp', classPath, program, folder],
    {
      stdio: ['pipe', 'pipe', 'inherit'],
    },
  );
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const exited = new Promise((resolve) => child.on('close', resolve));
  const ask = async (command: string): Promise<string> => {
    child.stdin.write(`${command}\n`);
    const { value, done } = await lines.next();
    if (done) throw new Error(`Java ended at "${command}"; its message stands above`);
    return value;
  };
  return {
    async check(row, file) {
      await ask(`check ${row} ${file}`);
    },
    run: async (row, millis) => Number(await ask(`run ${row} ${millis}`)),
    async stop() {
      child.stdin.end();
      await exited;
    },
  };
}
