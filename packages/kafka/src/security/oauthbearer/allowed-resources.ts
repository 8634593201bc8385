import { clientError } from '../../errors.ts';

/** Environment variables that stand for Java's system properties `org.apache.kafka.sasl.oauthbearer.allowed.urls` and `...allowed.files`. */
const urlsVariable = 'TRIBUTARY_OAUTHBEARER_ALLOWED_URLS';
const filesVariable = 'TRIBUTARY_OAUTHBEARER_ALLOWED_FILES';

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
  const listed = (environment[variable] ?? '').split(',').map((each) => each.trim());
  if (listed.includes(value)) return;
  throw clientError(
    'INVALID_CONFIG',
    `Invalid value [hidden] for configuration ${key}: it is not among those that the operator allows; add it to the comma-separated list in the environment variable ${variable}`,
  );
}
