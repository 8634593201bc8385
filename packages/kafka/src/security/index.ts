export { JaasError, parseLoginConfig } from './jaas.ts';
