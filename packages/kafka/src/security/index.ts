export { JaasError, parseLoginConfig } from './jaas.ts';
export { readContextOptions } from './tls.ts';
