/** Keys for SASL, the same for all Kafka clients. (no I/O) Source: Kafka `SaslConfigs`. */
import {
  anyNonDuplicateValues,
  boolean,
  ConfigError,
  classRef,
  double,
  int,
  list,
  long,
  password,
  short,
  string,
  type Validator,
  validator,
} from '@tributary/sdk';

export const saslKeys = [
  string('sasl.kerberos.service.name', {
    default: null,
    doc: 'Service part of the Kerberos principal that the brokers run as.',
  }),
  string('sasl.kerberos.kinit.cmd', {
    default: '/usr/bin/kinit',
    importance: 'LOW',
    doc: 'Path of the kinit command.',
  }),
  double('sasl.kerberos.ticket.renew.window.factor', {
    default: 0.8,
    importance: 'LOW',
    doc: "Part of a ticket's life after which it is renewed.",
  }),
  double('sasl.kerberos.ticket.renew.jitter', {
    default: 0.05,
    importance: 'LOW',
    doc: 'Random part added to the time of renewal.',
  }),
  long('sasl.kerberos.min.time.before.relogin', {
    default: 60000,
    importance: 'LOW',
    doc: 'Shortest time between two renewals, in milliseconds.',
  }),
  double('sasl.login.refresh.window.factor', {
    default: 0.8,
    validator: between(0.5, 1.0, '[0.5,...,1.0]'),
    importance: 'LOW',
    doc: "Part of a credential's life after which it is renewed.",
  }),
  double('sasl.login.refresh.window.jitter', {
    default: 0.05,
    validator: between(0.0, 0.25, '[0.0,...,0.25]'),
    importance: 'LOW',
    doc: 'Random part added to the time of renewal.',
  }),
  short('sasl.login.refresh.min.period.seconds', {
    default: 60,
    min: 0,
    max: 900,
    importance: 'LOW',
    doc: 'Shortest time between two renewals, in seconds.',
  }),
  short('sasl.login.refresh.buffer.seconds', {
    default: 300,
    min: 0,
    max: 3600,
    importance: 'LOW',
    doc: 'Time before expiry that a renewal keeps free, in seconds.',
  }),
  string('sasl.mechanism', {
    default: 'GSSAPI',
    doc: 'SASL mechanism: PLAIN, SCRAM-SHA-256, SCRAM-SHA-512, OAUTHBEARER, AWS_MSK_IAM or GSSAPI.',
  }),
  password('sasl.jaas.config', {
    default: null,
    doc: 'Login module and its options, in the form of a JAAS file.',
  }),
  classRef('sasl.client.callback.handler.class', {
    default: null,
    doc: 'Callback handler of SASL clients in Java; only that of AWS_MSK_IAM may be named here.',
  }),
  classRef('sasl.login.callback.handler.class', {
    default: null,
    doc: 'Callback handler of logins in Java; only that for tokens of a provider may be named here.',
  }),
  classRef('sasl.login.class', { default: null, doc: 'Login class in Java; refused here.' }),
  int('sasl.login.connect.timeout.ms', {
    default: null,
    importance: 'LOW',
    doc: 'How long connecting to the identity provider may take, in milliseconds.',
  }),
  int('sasl.login.read.timeout.ms', {
    default: null,
    importance: 'LOW',
    doc: 'How long its answer is waited for, in milliseconds.',
  }),
  long('sasl.login.retry.backoff.max.ms', {
    default: 10000,
    importance: 'LOW',
    doc: 'Longest pause between tries to log in, in milliseconds.',
  }),
  long('sasl.login.retry.backoff.ms', {
    default: 100,
    importance: 'LOW',
    doc: 'First pause between tries to log in, in milliseconds.',
  }),
  classRef('sasl.oauthbearer.jwt.retriever.class', {
    default: 'org.apache.kafka.common.security.oauthbearer.DefaultJwtRetriever',
    doc: 'Class in Java that fetches tokens.',
  }),
  classRef('sasl.oauthbearer.jwt.validator.class', {
    default: 'org.apache.kafka.common.security.oauthbearer.DefaultJwtValidator',
    doc: 'Class in Java that checks tokens.',
  }),
  string('sasl.oauthbearer.scope', { default: null, doc: 'Scope that is asked for.' }),
  string('sasl.oauthbearer.client.credentials.client.id', {
    default: null,
    doc: 'Client id for the client credentials grant.',
  }),
  password('sasl.oauthbearer.client.credentials.client.secret', {
    default: null,
    doc: 'Client secret for the client credentials grant.',
  }),
  string('sasl.oauthbearer.assertion.algorithm', {
    default: 'RS256',
    oneOf: ['ES256', 'RS256'],
    isCaseIgnored: true,
    doc: 'Algorithm that signs assertions.',
  }),
  string('sasl.oauthbearer.assertion.claim.aud', {
    default: null,
    doc: 'Audience claim of assertions.',
  }),
  int('sasl.oauthbearer.assertion.claim.exp.seconds', {
    default: 300,
    min: 0,
    max: 86400,
    importance: 'LOW',
    doc: 'Life of an assertion, in seconds.',
  }),
  string('sasl.oauthbearer.assertion.claim.iss', {
    default: null,
    doc: 'Issuer claim of assertions.',
  }),
  boolean('sasl.oauthbearer.assertion.claim.jti.include', {
    default: false,
    doc: 'Whether assertions carry a random id.',
  }),
  int('sasl.oauthbearer.assertion.claim.nbf.seconds', {
    default: 60,
    min: 0,
    max: 3600,
    importance: 'LOW',
    doc: 'How long ago an assertion says that it became valid, in seconds.',
  }),
  string('sasl.oauthbearer.assertion.claim.sub', {
    default: null,
    doc: 'Subject claim of assertions.',
  }),
  string('sasl.oauthbearer.assertion.file', {
    default: null,
    doc: 'File with an assertion that is ready to use.',
  }),
  string('sasl.oauthbearer.assertion.private.key.file', {
    default: null,
    doc: 'File of the private key that signs assertions, as PEM text.',
  }),
  password('sasl.oauthbearer.assertion.private.key.passphrase', {
    default: null,
    doc: 'Passphrase of that key.',
  }),
  string('sasl.oauthbearer.assertion.template.file', {
    default: null,
    doc: 'File with headers and claims that are common to all assertions, as JSON.',
  }),
  string('sasl.oauthbearer.scope.claim.name', {
    default: 'scope',
    importance: 'LOW',
    doc: 'Name of the scope claim.',
  }),
  string('sasl.oauthbearer.sub.claim.name', {
    default: 'sub',
    importance: 'LOW',
    doc: 'Name of the subject claim.',
  }),
  string('sasl.oauthbearer.token.endpoint.url', { default: null, doc: 'URL that issues tokens.' }),
  string('sasl.oauthbearer.jwks.endpoint.url', {
    default: null,
    doc: 'URL of the keys that tokens are checked with.',
  }),
  long('sasl.oauthbearer.jwks.endpoint.refresh.ms', {
    default: 3600000,
    importance: 'LOW',
    doc: 'How long those keys are kept, in milliseconds.',
  }),
  long('sasl.oauthbearer.jwks.endpoint.retry.backoff.max.ms', {
    default: 10000,
    importance: 'LOW',
    doc: 'Longest pause between tries to fetch them, in milliseconds.',
  }),
  long('sasl.oauthbearer.jwks.endpoint.retry.backoff.ms', {
    default: 100,
    importance: 'LOW',
    doc: 'First pause between tries to fetch them, in milliseconds.',
  }),
  int('sasl.oauthbearer.clock.skew.seconds', {
    default: 30,
    importance: 'LOW',
    doc: 'How far clocks may differ, in seconds.',
  }),
  list('sasl.oauthbearer.expected.audience', {
    default: '',
    validator: anyNonDuplicateValues(true, false),
    importance: 'HIGH',
    doc: 'Audiences of which a token must name one.',
  }),
  string('sasl.oauthbearer.expected.issuer', {
    default: null,
    importance: 'HIGH',
    doc: 'Issuer that a token must name.',
  }),
  boolean('sasl.oauthbearer.header.urlencode', {
    default: false,
    importance: 'LOW',
    doc: 'Whether client id and secret are URL-encoded in the header.',
  }),
] as const;

/** Java prints the ends of a range of doubles with a decimal point. */
function between(min: number, max: number, description: string): Validator {
  return validator(description, (name, value) => {
    const number = value as number;
    if (number < min) throw new ConfigError(name, value, `Value must be at least ${min}`);
    if (number > max) throw new ConfigError(name, value, `Value must be no more than ${max}`);
  });
}
