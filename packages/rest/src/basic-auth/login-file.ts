import { readFileSync } from 'node:fs';
import { JaasError, parseLoginConfig } from '@tributary/kafka/security';
import { parseProperties } from '@tributary/runtime';
import { ConfigError } from '@tributary/sdk';

/** Where an operator of Kafka Connect sets system properties of the JVM. */
const optionVariables = ['KAFKA_OPTS', 'JDK_JAVA_OPTIONS', 'JAVA_TOOL_OPTIONS'];
const property = 'java.security.auth.login.config';
const entryName = 'KafkaConnect';
const loginModule = 'org.apache.kafka.connect.rest.basic.auth.extension.PropertyFileLoginModule';
const key = 'rest.extension.classes';

/**
 * Users and their passwords, as the entry KafkaConnect of the login configuration file leads to them: `-Djava.security.auth.login.config=FILE` in KAFKA_OPTS names that file,
 * the option `file` of its PropertyFileLoginModule the properties file with `user=password` lines. Both are read here, once. ConfigError, without a password, for what cannot be used.
 * Source: Kafka `PropertyFileLoginModule`.
 */
export function readUsers(environment: NodeJS.ProcessEnv): ReadonlyMap<string, string> {
  const configFile = optionVariables.map((name) => fileIn(environment[name])).find(Boolean);
  if (configFile === undefined) {
    throw unusable(
      `no login configuration file is named; set KAFKA_OPTS="-D${property}=FILE" to a file with an entry ${entryName}`,
    );
  }
  const modules = modulesIn(configFile);
  const [module] = modules;
  if (module === undefined || modules.length > 1 || module.loginModule !== loginModule) {
    const found = modules.map((each) => each.loginModule).join(', ');
    throw unusable(
      `entry ${entryName} of "${configFile}" must have one module, ${loginModule}; found: ${found || 'none'}`,
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

function fileIn(options: string | undefined): string | undefined {
  const found = /(?:^|\s)-Djava\.security\.auth\.login\.config==?(?:"([^"]*)"|(\S+))/.exec(
    options ?? '',
  );
  return (found?.[1] ?? found?.[2])?.replace(/^file:(?:\/\/)?/, '');
}

function modulesIn(configFile: string): ReturnType<typeof parseLoginConfig> & object {
  const text = read(configFile).toString('utf8');
  try {
    return parseLoginConfig(text, entryName) ?? [];
  } catch (error) {
    if (!(error instanceof JaasError)) throw error;
    throw unusable(`"${configFile}" is no login configuration file: ${error.message}`);
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
