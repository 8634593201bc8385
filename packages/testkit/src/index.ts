export * from './apache-kafka.ts';
export * from './child.ts';
export * from './java-worker.ts';
export * from './kafka-jars.ts';
export * from './lines-file.ts';
export * from './require.ts';
export * from './test-broker.ts';
export * from './test-worker.ts';
