/** Config keys of a process of its own that replicates between clusters. (no I/O) Source: Kafka MirrorMaker `MirrorMakerConfig`. */
import { anyNonDuplicateValues, boolean, defineConfig, list } from '@tributary/sdk';
import { commonClientKeys } from './common-client-keys.ts';
import { saslKeys } from './sasl-keys.ts';
import { sslKeys } from './ssl-keys.ts';
import { workerKeys } from './worker-config.ts';

/** The REST API among the keys of every worker, without extensions and admin endpoints. */
const restKeyNames: readonly string[] = [
  'listeners',
  'rest.advertised.host.name',
  'rest.advertised.port',
  'rest.advertised.listener',
  'access.control.allow.origin',
  'access.control.allow.methods',
  'response.http.headers.config',
  'ssl.client.auth',
];

export const mirrorMakerConfig = defineConfig(
  list('clusters', {
    validator: anyNonDuplicateValues(true, false),
    importance: 'HIGH',
    doc: 'Aliases of the clusters; each has its client keys under "ALIAS.", each pair its own under "SOURCE->TARGET.".',
  }),
  boolean('dedicated.mode.enable.internal.rest', {
    default: false,
    importance: 'HIGH',
    doc: 'Whether the processes of one deployment reach each other over REST, as more than one needs.',
  }),
  ...commonClientKeys('config.providers', 'security.protocol'),
  ...sslKeys,
  ...saslKeys,
  ...workerKeys.filter((key) => restKeyNames.includes(key.name)),
);
