import { Cluster } from '../cluster.ts';
import { parseAdmin } from '../config.ts';
import { isKafkaError } from '../errors.ts';
import type { ClientConfig, ClientDeps } from '../types.ts';
import { aclCalls } from './acls.ts';
import { configCalls } from './configs.ts';
import { type AdminContext, lasting } from './context.ts';
import { describeCluster } from './describe-cluster.ts';
import { fenceProducers } from './fence-producers.ts';
import { groupOffsetCalls } from './group-offsets.ts';
import { groupCalls } from './groups.ts';
import { offsetCalls } from './offsets.ts';
import { topicCalls } from './topics.ts';
import type { Admin } from './types.ts';

/** Connects on first use. */
export function createAdmin(config: ClientConfig, deps: ClientDeps): Admin {
  const settings = parseAdmin(config, deps.logger);
  const cluster = new Cluster(settings, deps);
  const timeoutMs = settings['default.api.timeout.ms'];
  const context: AdminContext = {
    cluster,
    requestTimeoutMs: settings['request.timeout.ms'],
    retry: (call, signal) =>
      cluster.retry((attempt) => limited(call, attempt, settings.retries), { timeoutMs, signal }),
  };
  return {
    describeCluster: (signal, { includeAuthorizedOperations = false } = {}) =>
      context.retry(() => describeCluster(context, includeAuthorizedOperations), signal),
    ...topicCalls(context),
    ...configCalls(context),
    ...offsetCalls(context),
    ...groupCalls(context),
    ...groupOffsetCalls(context),
    fenceProducers: (transactionalIds, signal) => fenceProducers(context, transactionalIds, signal),
    ...aclCalls(context),
    async close() {
      cluster.close();
    },
  };
}

/** `retries` counts tries after the first. */
async function limited<T>(
  call: (attempt: number) => Promise<T>,
  attempt: number,
  retries: number,
): Promise<T> {
  try {
    return await call(attempt);
  } catch (error) {
    if (attempt < retries || !isKafkaError(error)) throw error;
    throw lasting(error);
  }
}
