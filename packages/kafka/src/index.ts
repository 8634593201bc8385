export { createAdmin } from './admin.ts';
export { knownClientKeys } from './config.ts';
export { createConsumer } from './consumer/consumer.ts';
export { createProducer } from './producer/producer.ts';
export * from './types.ts';
