import { type ConfigDef, defineConfig, int, nonEmptyString, string } from '@tributary/sdk';

const file = string('file', {
  default: null,
  importance: 'HIGH',
  doc: 'File to read from; without it standard input is read.',
});
const topic = string('topic', {
  importance: 'HIGH',
  validator: nonEmptyString(),
  doc: 'Topic to write the lines to.',
});
const batchSize = int('batch.size', {
  default: 2000,
  importance: 'LOW',
  doc: 'Most lines that one poll returns.',
});

export const sourceConfig: ConfigDef<readonly [typeof file, typeof topic, typeof batchSize]> =
  defineConfig(file, topic, batchSize);

const targetFile = string('file', {
  default: null,
  importance: 'HIGH',
  doc: 'File to append to; without it values go to standard output.',
});

export const sinkConfig: ConfigDef<readonly [typeof targetFile]> = defineConfig(targetFile);
