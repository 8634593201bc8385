import { clientError } from '../../errors.ts';
import { systemProperty } from '../java-options.ts';

const urlsVariable = 'TRIBUTARY_OAUTHBEARER_ALLOWED_URLS';
const filesVariable = 'TRIBUTARY_OAUTHBEARER_ALLOWED_FILES';
/** Environment variables, and Java's system properties, which count where the variable is not set. */
const properties: Readonly<Record<string, string>> = {
  [urlsVariable]: 'org.apache.kafka.sasl.oauthbearer.allowed.urls',
  [filesVariable]: 'org.apache.kafka.sasl.oauthbearer.allowed.files',
};

/** The variables, for a process that is not told the options of the JVM. (no I/O) */
export function allowedResources(environment: NodeJS.ProcessEnv): Record<string, string> {
  const found = Object.keys(properties).map((variable) => [
    variable,
    listIn(environment, variable),
  ]);
  return Object.fromEntries(found.filter(([, list]) => list !== undefined));
}

/**
 * Whoever may set a client's keys could else have it call any address, or read any file, from where it runs: as in Java, only what
 * the operator has listed is used. (no I/O)
 */
export function requireAllowedUrl(key: string, url: string, environment: NodeJS.ProcessEnv): void {
  requireListed(key, url, urlsVariable, environment);
}

export function requireAllowedFile(
  key: string,
  path: string,
  environment: NodeJS.ProcessEnv,
): void {
  requireListed(key, path, filesVariable, environment);
}

function requireListed(
  key: string,
  value: string,
  variable: string,
  environment: NodeJS.ProcessEnv,
): void {
  const listed = (listIn(environment, variable) ?? '').split(',').map((each) => each.trim());
  if (listed.includes(value)) return;
  throw clientError(
    'INVALID_CONFIG',
    `Invalid value [hidden] for configuration ${key}: it is not among those that the operator allows; add it to the comma-separated list in the environment variable ${variable}`,
  );
}

function listIn(environment: NodeJS.ProcessEnv, variable: string): string | undefined {
  return environment[variable] ?? systemProperty(environment, properties[variable] ?? '');
}
