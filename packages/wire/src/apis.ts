import type { Api } from './api.ts';
import { produceApi } from './messages/00-produce.ts';
import { fetchApi } from './messages/01-fetch.ts';
import { listOffsetsApi } from './messages/02-list-offsets.ts';
import { metadataApi } from './messages/03-metadata.ts';
import { offsetCommitApi } from './messages/08-offset-commit.ts';
import { offsetFetchApi } from './messages/09-offset-fetch.ts';
import { findCoordinatorApi } from './messages/10-find-coordinator.ts';
import { joinGroupApi } from './messages/11-join-group.ts';
import { heartbeatApi } from './messages/12-heartbeat.ts';
import { leaveGroupApi } from './messages/13-leave-group.ts';
import { syncGroupApi } from './messages/14-sync-group.ts';
import { describeGroupsApi } from './messages/15-describe-groups.ts';
import { listGroupsApi } from './messages/16-list-groups.ts';
import { saslHandshakeApi } from './messages/17-sasl-handshake.ts';
import { apiVersionsApi } from './messages/18-api-versions.ts';
import { createTopicsApi } from './messages/19-create-topics.ts';
import { deleteTopicsApi } from './messages/20-delete-topics.ts';
import { deleteRecordsApi } from './messages/21-delete-records.ts';
import { initProducerIdApi } from './messages/22-init-producer-id.ts';
import { offsetForLeaderEpochApi } from './messages/23-offset-for-leader-epoch.ts';
import { addPartitionsToTxnApi } from './messages/24-add-partitions-to-txn.ts';
import { addOffsetsToTxnApi } from './messages/25-add-offsets-to-txn.ts';
import { endTxnApi } from './messages/26-end-txn.ts';
import { txnOffsetCommitApi } from './messages/28-txn-offset-commit.ts';
import { describeAclsApi } from './messages/29-describe-acls.ts';
import { createAclsApi } from './messages/30-create-acls.ts';
import { deleteAclsApi } from './messages/31-delete-acls.ts';
import { describeConfigsApi } from './messages/32-describe-configs.ts';
import { saslAuthenticateApi } from './messages/36-sasl-authenticate.ts';
import { createPartitionsApi } from './messages/37-create-partitions.ts';
import { deleteGroupsApi } from './messages/42-delete-groups.ts';
import { incrementalAlterConfigsApi } from './messages/44-incremental-alter-configs.ts';
import { offsetDeleteApi } from './messages/47-offset-delete.ts';
import { describeClusterApi } from './messages/60-describe-cluster.ts';
import { describeTopicPartitionsApi } from './messages/75-describe-topic-partitions.ts';

// oxlint-disable-next-line typescript/no-explicit-any -- a map over all APIs cannot carry the type of each
type AnyApi = Api<any, any>;

/**
 * Every API there is a table for, by key. A new one is a file in messages/ and a line here;
 * its recording in golden/messages.json is made as record/README.md says.
 */
export const apis: ReadonlyMap<number, AnyApi> = new Map<number, AnyApi>(
  [
    produceApi,
    fetchApi,
    listOffsetsApi,
    metadataApi,
    offsetCommitApi,
    offsetFetchApi,
    findCoordinatorApi,
    joinGroupApi,
    heartbeatApi,
    leaveGroupApi,
    syncGroupApi,
    describeGroupsApi,
    listGroupsApi,
    saslHandshakeApi,
    apiVersionsApi,
    createTopicsApi,
    deleteTopicsApi,
    deleteRecordsApi,
    initProducerIdApi,
    offsetForLeaderEpochApi,
    addPartitionsToTxnApi,
    addOffsetsToTxnApi,
    endTxnApi,
    txnOffsetCommitApi,
    describeAclsApi,
    createAclsApi,
    deleteAclsApi,
    describeConfigsApi,
    saslAuthenticateApi,
    createPartitionsApi,
    deleteGroupsApi,
    incrementalAlterConfigsApi,
    offsetDeleteApi,
    describeClusterApi,
    describeTopicPartitionsApi,
  ].map((api) => [api.key, api]),
);
