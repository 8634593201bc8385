import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { kafkaClassPath } from './kafka-jars.ts';

/** A Java source file of `java/`, run beside Apache Kafka's jars and spoken to in lines. Takes a Java compiler. */
export interface JavaProgram extends AsyncDisposable {
  send(line: string): void;
  /** Of its standard output, each once; ends with the process. */
  readonly lines: AsyncIterator<string, unknown> & AsyncIterable<string>;
  /** The end of what it wrote to standard error. */
  readonly problems: string;
  /** Closes its standard input; resolves when it has ended on its own. */
  end(): Promise<void>;
  /** SIGKILL; resolves when it is gone. */
  kill(): Promise<void>;
}

const maxProblems = 64 * 1024;

/** `file`: below `java/`, such as `assignors/Assignors.java`. */
export async function startJavaProgram(
  file: string,
  args: readonly string[] = [],
): Promise<JavaProgram> {
  const program = new URL(`../java/${file}`, import.meta.url).pathname;
  const quiet = '-Dorg.slf4j.simpleLogger.defaultLogLevel=off';
  const child = spawn(
    'java',
    ['-Xmx384m', '-cp', await kafkaClassPath(), quiet, program, ...args],
    { stdio: ['pipe', 'pipe', 'pipe'] },
  );
  const exited = once(child, 'exit');
  let problems = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    problems = (problems + text).slice(-maxProblems);
  });
  // A program that has ended reads no more; its end shows in `lines`.
  child.stdin.on('error', () => {});
  const kill = async (): Promise<void> => {
    child.kill('SIGKILL');
    await exited;
  };
  return {
    send: (line) => void child.stdin.write(`${line}\n`),
    lines: createInterface({ input: child.stdout })[Symbol.asyncIterator](),
    get problems() {
      return problems;
    },
    async end() {
      child.stdin.end();
      await exited;
    },
    kill,
    [Symbol.asyncDispose]: kill,
  };
}
