import { clientError } from '../errors.ts';
import { fs } from '../node-modules.ts';
import { type JaasEntry, JaasError, parseLoginConfig } from './jaas.ts';
import { systemProperty } from './java-options.ts';

export const loginFileProperty = 'java.security.auth.login.config';

/** One entry of the login configuration file that the JVM's options name. */
export interface LoginEntry {
  readonly file: string;
  /** Null where the file has no such entry. */
  readonly modules: readonly JaasEntry[] | null;
}

/** Null where no login configuration file is named. Throws INVALID_CONFIG, without a value of it, for one that cannot be read. */
export function readLoginEntry(environment: NodeJS.ProcessEnv, name: string): LoginEntry | null {
  // A second `=` tells the JVM to read this file alone.
  const property = systemProperty(environment, loginFileProperty)?.replace(/^=/, '');
  if (property === undefined || property === '') return null;
  const file = property.replace(/^file:(?:\/\/)?/, '');
  let text: string;
  try {
    text = fs().readFileSync(file, 'utf8');
  } catch (error) {
    throw unusable(file, `cannot be read (${(error as NodeJS.ErrnoException).code})`);
  }
  try {
    return { file, modules: parseLoginConfig(text, name) };
  } catch (error) {
    if (error instanceof JaasError) throw unusable(file, `has a mistake: ${error.message}`);
    throw error;
  }
}

/**
 * The entry KafkaClient as a `sasl.jaas.config`: what Java's clients log in by when their own config has none. Null where there is none.
 * Throws INVALID_CONFIG for one of several modules. Source: Kafka `JaasContext`.
 */
export function readClientLogin(environment: NodeJS.ProcessEnv): string | null {
  const entry = readLoginEntry(environment, 'KafkaClient');
  const [module, another] = entry?.modules ?? [];
  if (entry === null || module === undefined) return null;
  if (another !== undefined) {
    throw unusable(entry.file, 'has more than one module in its entry KafkaClient; keep one');
  }
  const options = Object.entries(module.options).map(([key, value]) => ` ${key}=${quote(value)}`);
  return `${module.loginModule} required${options.join('')};`;
}

function quote(value: string): string {
  const escaped = value
    .replace(/[\\"]/g, '\\$&')
    .replace(/[\n\r]/g, (end) => (end === '\n' ? '\\n' : '\\r'));
  return `"${escaped}"`;
}

function unusable(file: string, problem: string): Error {
  return clientError(
    'INVALID_CONFIG',
    `The login configuration file "${file}", which -D${loginFileProperty} names, ${problem}`,
  );
}
