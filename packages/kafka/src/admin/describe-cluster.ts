import { describeClusterApi } from '@tributary/wire';
import { brokerError } from '../errors.ts';
import { operationsOf } from './acl-codes.ts';
import { type AdminContext, fetchMetadata } from './context.ts';
import type { ClusterDescription } from './types.ts';

/** Brokers before 2.8 tell it with their metadata, without the operations. */
export async function describeCluster(
  context: AdminContext,
  includeAuthorizedOperations: boolean,
): Promise<ClusterDescription> {
  const connection = await context.cluster.anyConnection();
  if (!connection.supports(describeClusterApi, 0)) {
    const { clusterId, controllerId, brokers } = await fetchMetadata(context, []);
    return {
      clusterId: clusterId ?? '',
      controllerId,
      brokers: brokers.map(({ nodeId: id, host, port, rack }) => ({ id, host, port, rack })),
    };
  }
  const response = await connection.request(describeClusterApi, {
    includeClusterAuthorizedOperations: includeAuthorizedOperations,
  });
  const { clusterId, controllerId, errorCode, errorMessage, brokers } = response;
  if (errorCode !== 0) throw brokerError(errorCode, 'Cannot describe the cluster', errorMessage);
  return {
    clusterId,
    controllerId,
    brokers: brokers.map(({ brokerId: id, host, port, rack }) => ({ id, host, port, rack })),
    ...operationsOf(response.clusterAuthorizedOperations),
  };
}
