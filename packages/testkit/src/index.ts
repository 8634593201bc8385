export * from './apache-kafka.ts';
export * from './child.ts';
export * from './java-worker.ts';
export * from './kafka-jars.ts';
export * from './require.ts';
