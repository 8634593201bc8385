import { validateConfig } from '@tributary/sdk';
import { expect, it } from 'vitest';
import { definitions } from './definitions.ts';

const mirror = 'org.apache.kafka.connect.mirror.';

// What the validators of Apache Kafka 4.3.1 say to these values; null: taken.
it.each<[className: string, key: string, value: string, error: string | null]>([
  ['MirrorSourceConnector', 'topics', '', null],
  [
    'MirrorSourceConnector',
    'topics',
    'a,a',
    "Configuration 'topics' values must not be duplicated.",
  ],
  ['MirrorSourceConnector', 'topics', 'a,,b', "Configuration 'topics' values must not be empty."],
  [
    'MirrorSourceConnector',
    'metric.names.formats',
    '',
    "Configuration 'metric.names.formats' must not be empty. Valid values include: [legacy, new]",
  ],
  [
    'MirrorSourceConnector',
    'metric.names.formats',
    'a,,b',
    'Invalid value a for configuration metric.names.formats: String must be one of: legacy, new',
  ],
  [
    'MirrorCheckpointConnector',
    'offset-syncs.topic.location',
    'elsewhere',
    'Invalid value elsewhere for configuration offset-syncs.topic.location: String must be one of: source, target',
  ],
  ['MirrorMakerConfig', 'clusters', '', null],
  [
    'MirrorMakerConfig',
    'listeners',
    '',
    'Invalid value for listeners, at least one URL is expected, ex: http://localhost:8080,https://localhost:8443.',
  ],
])('judges as Java does: %s, %s=%j', (className, key, value, error) => {
  const def = definitions[mirror + className];
  if (def === undefined) throw new Error(`${className} is not defined`);
  const result = validateConfig(def, { [key]: value }).find(({ name }) => name === key);
  expect(result?.errors).toEqual(error === null ? [] : [error]);
});
