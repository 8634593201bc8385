/** Keys for TLS, the same for workers and all Kafka clients. (no I/O) Source: Kafka `SslConfigs`. */
import { anyNonDuplicateValues, classRef, list, password, string } from '@tributary/sdk';

export const sslKeys = [
  string('ssl.protocol', {
    default: 'TLSv1.3',
    doc: 'The newest TLS version that is spoken: TLSv1.3, TLSv1.2, or TLS for any that is enabled.',
  }),
  string('ssl.provider', { default: null, doc: 'Security provider in Java; refused here.' }),
  list('ssl.cipher.suites', {
    default: '',
    validator: anyNonDuplicateValues(true, false),
    importance: 'LOW',
    doc: 'Cipher suites that may be used, by the names of Java; empty: those of Node.',
  }),
  list('ssl.enabled.protocols', {
    default: 'TLSv1.2,TLSv1.3',
    validator: anyNonDuplicateValues(true, false),
    doc: 'TLS versions accepted.',
  }),
  string('ssl.keystore.type', {
    default: 'JKS',
    doc: 'Format of the key store: PEM, PKCS12 or JKS.',
  }),
  string('ssl.keystore.location', {
    default: null,
    importance: 'HIGH',
    doc: 'File of the key store.',
  }),
  password('ssl.keystore.password', {
    default: null,
    importance: 'HIGH',
    doc: 'Password of the key store.',
  }),
  password('ssl.key.password', {
    default: null,
    importance: 'HIGH',
    doc: 'Password of the key in the key store.',
  }),
  password('ssl.keystore.key', {
    default: null,
    importance: 'HIGH',
    doc: 'Private key as PEM text.',
  }),
  password('ssl.keystore.certificate.chain', {
    default: null,
    importance: 'HIGH',
    doc: 'Certificate chain as PEM text.',
  }),
  password('ssl.truststore.certificates', {
    default: null,
    importance: 'HIGH',
    doc: 'Trusted certificates as PEM text.',
  }),
  string('ssl.truststore.type', {
    default: 'JKS',
    doc: 'Format of the trust store: PEM, PKCS12 or JKS.',
  }),
  string('ssl.truststore.location', {
    default: null,
    importance: 'HIGH',
    doc: 'File of the trust store.',
  }),
  password('ssl.truststore.password', {
    default: null,
    importance: 'HIGH',
    doc: 'Password of the trust store.',
  }),
  string('ssl.keymanager.algorithm', {
    default: 'SunX509',
    importance: 'LOW',
    doc: 'Key manager in Java.',
  }),
  string('ssl.trustmanager.algorithm', {
    default: 'PKIX',
    importance: 'LOW',
    doc: 'Trust manager in Java.',
  }),
  string('ssl.endpoint.identification.algorithm', {
    default: 'https',
    importance: 'LOW',
    doc: "How a server's certificate is compared with its host name; empty not at all.",
  }),
  string('ssl.secure.random.implementation', {
    default: null,
    importance: 'LOW',
    doc: 'Random number generator in Java.',
  }),
  classRef('ssl.engine.factory.class', {
    default: null,
    importance: 'LOW',
    doc: 'Class that makes TLS engines in Java; refused here.',
  }),
] as const;
