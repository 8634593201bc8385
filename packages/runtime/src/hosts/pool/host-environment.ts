import { allowedResources } from '@tributary/kafka/security';

/** What a host and its plugins need of the machine; nothing in which an operator keeps a secret. */
const allowed = new Set([
  'PATH',
  'HOME',
  'USER',
  'LOGNAME',
  'SHELL',
  'LANG',
  'LANGUAGE',
  'TZ',
  'TMPDIR',
  'TMP',
  'TEMP',
  'HOSTNAME',
  'NODE_COMPILE_CACHE',
  'NODE_EXTRA_CA_CERTS',
  'SSL_CERT_FILE',
  'SSL_CERT_DIR',
  // Where Kafka's clients may get tickets; see docs/kafka-client.md.
  'KRB5_CONFIG',
  'KRB5CCNAME',
  'KRB5_CLIENT_KTNAME',
  'AWS_REGION',
  'AWS_DEFAULT_REGION',
]);

/** The environment of a host: an allow-list, and what the operator names on top of it. (no I/O) */
export function hostEnvironment(
  environment: NodeJS.ProcessEnv,
  extraNames: readonly string[],
): NodeJS.ProcessEnv {
  const passed = Object.entries(environment).filter(
    ([name]) => allowed.has(name) || name.startsWith('LC_') || extraNames.includes(name),
  );
  return { ...Object.fromEntries(passed), ...allowedResources(environment) };
}
