import { readFileSync } from 'node:fs';
import { type LoginEntry, loginFileProperty, readLoginEntry } from '@tributary/kafka/security';
import { parseProperties } from '@tributary/runtime';
import { ConfigError } from '@tributary/sdk';

const entryName = 'KafkaConnect';
const loginModule = 'org.apache.kafka.connect.rest.basic.auth.extension.PropertyFileLoginModule';
const key = 'rest.extension.classes';

/**
 * Users and their passwords, as the entry KafkaConnect of the login configuration file leads to them: `-Djava.security.auth.login.config=FILE` in KAFKA_OPTS names that file,
 * the option `file` of its PropertyFileLoginModule the properties file with `user=password` lines. Both are read here, once. ConfigError, without a password, for what cannot be used.
 * Source: Kafka `PropertyFileLoginModule`.
 */
export function readUsers(environment: NodeJS.ProcessEnv): ReadonlyMap<string, string> {
  const entry = readEntry(environment);
  if (entry === null) {
    throw unusable(
      `no login configuration file is named; set KAFKA_OPTS="-D${loginFileProperty}=FILE" to a file with an entry ${entryName}`,
    );
  }
  const { file: configFile, modules: found } = entry;
  const modules = found ?? [];
  const [module] = modules;
  if (module === undefined || modules.length > 1 || module.loginModule !== loginModule) {
    const names = modules.map((each) => each.loginModule).join(', ');
    throw unusable(
      `entry ${entryName} of "${configFile}" must have one module, ${loginModule}; found: ${names || 'none'}`,
    );
  }
  const { file = '' } = module.options;
  if (file.trim() === '' || file.includes('${')) {
    throw unusable(
      `entry ${entryName} of "${configFile}" needs the option file="PATH" with a path that is written out`,
    );
  }
  return new Map(Object.entries(parseUsers(file)));
}

function readEntry(environment: NodeJS.ProcessEnv): LoginEntry | null {
  try {
    return readLoginEntry(environment, entryName);
  } catch (error) {
    throw unusable((error as Error).message);
  }
}

function parseUsers(file: string): Record<string, string> {
  const bytes = read(file);
  try {
    return parseProperties(bytes);
  } catch {
    // The cause names the line, whose text may be a password.
    throw unusable(`the password file "${file}" is no properties file: it has a broken \\u`);
  }
}

function read(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    throw unusable(`"${path}" cannot be read: ${(error as NodeJS.ErrnoException).code}`);
  }
}

function unusable(problem: string): ConfigError {
  return new ConfigError(`Invalid configuration ${key}: basic authentication: ${problem}`);
}
