export { DevBrokerError, type DevBrokerErrorCode } from './errors.ts';
export type { ControlledRequest, ControlOptions, Fault, Respond } from './faults.ts';
export type { ClientStream, Listen, Listener } from './listener.ts';
export type { BrokerLogger } from './logger.ts';
export { type DevBroker, type DevBrokerOptions, startDevBroker } from './start-dev-broker.ts';
