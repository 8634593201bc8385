export type { Api, Codec, RequestOf, ResponseOf } from './api.ts';
export { apis } from './apis.ts';
export { zeroUuid } from './compile.ts';
export {
  type CompressionType,
  compress,
  compressionTypes,
  decompress,
  defaultDecompressionLimit,
} from './compression.ts';
export {
  type ControlBatch,
  type ControlType,
  encodeControlBatch,
  readControlType,
} from './control-batch.ts';
export { crc32c } from './crc32c.ts';
export { type ErrorInfo, type ErrorName, errorByCode, errorCodes, errors } from './error-codes.ts';
export {
  decodeRequestHeader,
  decodeResponseHeader,
  encodeRequest,
  encodeRequestParts,
  encodeResponse,
  encodeResponseParts,
  type RequestHeader,
} from './framing.ts';
export { type ProduceRequest, type ProduceResponse, produceApi } from './messages/00-produce.ts';
export { type FetchRequest, type FetchResponse, fetchApi } from './messages/01-fetch.ts';
export {
  type ListOffsetsRequest,
  type ListOffsetsResponse,
  listOffsetsApi,
} from './messages/02-list-offsets.ts';
export {
  type MetadataRequest,
  type MetadataResponse,
  metadataApi,
} from './messages/03-metadata.ts';
export {
  type OffsetCommitRequest,
  type OffsetCommitResponse,
  offsetCommitApi,
} from './messages/08-offset-commit.ts';
export {
  type OffsetFetchRequest,
  type OffsetFetchResponse,
  offsetFetchApi,
} from './messages/09-offset-fetch.ts';
export {
  type FindCoordinatorRequest,
  type FindCoordinatorResponse,
  findCoordinatorApi,
} from './messages/10-find-coordinator.ts';
export {
  type JoinGroupRequest,
  type JoinGroupResponse,
  joinGroupApi,
} from './messages/11-join-group.ts';
export {
  type HeartbeatRequest,
  type HeartbeatResponse,
  heartbeatApi,
} from './messages/12-heartbeat.ts';
export {
  type LeaveGroupRequest,
  type LeaveGroupResponse,
  leaveGroupApi,
} from './messages/13-leave-group.ts';
export {
  type SyncGroupRequest,
  type SyncGroupResponse,
  syncGroupApi,
} from './messages/14-sync-group.ts';
export {
  type DescribeGroupsRequest,
  type DescribeGroupsResponse,
  describeGroupsApi,
} from './messages/15-describe-groups.ts';
export {
  type ListGroupsRequest,
  type ListGroupsResponse,
  listGroupsApi,
} from './messages/16-list-groups.ts';
export {
  type SaslHandshakeRequest,
  type SaslHandshakeResponse,
  saslHandshakeApi,
} from './messages/17-sasl-handshake.ts';
export {
  type ApiVersionsRequest,
  type ApiVersionsResponse,
  apiVersionsApi,
} from './messages/18-api-versions.ts';
export {
  type CreateTopicsRequest,
  type CreateTopicsResponse,
  createTopicsApi,
} from './messages/19-create-topics.ts';
export {
  type DeleteTopicsRequest,
  type DeleteTopicsResponse,
  deleteTopicsApi,
} from './messages/20-delete-topics.ts';
export {
  type DeleteRecordsRequest,
  type DeleteRecordsResponse,
  deleteRecordsApi,
} from './messages/21-delete-records.ts';
export {
  type InitProducerIdRequest,
  type InitProducerIdResponse,
  initProducerIdApi,
} from './messages/22-init-producer-id.ts';
export {
  type OffsetForLeaderEpochRequest,
  type OffsetForLeaderEpochResponse,
  offsetForLeaderEpochApi,
} from './messages/23-offset-for-leader-epoch.ts';
export {
  type AddPartitionsToTxnRequest,
  type AddPartitionsToTxnResponse,
  addPartitionsToTxnApi,
} from './messages/24-add-partitions-to-txn.ts';
export {
  type AddOffsetsToTxnRequest,
  type AddOffsetsToTxnResponse,
  addOffsetsToTxnApi,
} from './messages/25-add-offsets-to-txn.ts';
export { type EndTxnRequest, type EndTxnResponse, endTxnApi } from './messages/26-end-txn.ts';
export {
  type TxnOffsetCommitRequest,
  type TxnOffsetCommitResponse,
  txnOffsetCommitApi,
} from './messages/28-txn-offset-commit.ts';
export {
  type DescribeAclsRequest,
  type DescribeAclsResponse,
  describeAclsApi,
} from './messages/29-describe-acls.ts';
export {
  type CreateAclsRequest,
  type CreateAclsResponse,
  createAclsApi,
} from './messages/30-create-acls.ts';
export {
  type DeleteAclsRequest,
  type DeleteAclsResponse,
  deleteAclsApi,
} from './messages/31-delete-acls.ts';
export {
  type DescribeConfigsRequest,
  type DescribeConfigsResponse,
  describeConfigsApi,
} from './messages/32-describe-configs.ts';
export {
  type SaslAuthenticateRequest,
  type SaslAuthenticateResponse,
  saslAuthenticateApi,
} from './messages/36-sasl-authenticate.ts';
export {
  type CreatePartitionsRequest,
  type CreatePartitionsResponse,
  createPartitionsApi,
} from './messages/37-create-partitions.ts';
export {
  type DeleteGroupsRequest,
  type DeleteGroupsResponse,
  deleteGroupsApi,
} from './messages/42-delete-groups.ts';
export {
  type IncrementalAlterConfigsRequest,
  type IncrementalAlterConfigsResponse,
  incrementalAlterConfigsApi,
} from './messages/44-incremental-alter-configs.ts';
export {
  type OffsetDeleteRequest,
  type OffsetDeleteResponse,
  offsetDeleteApi,
} from './messages/47-offset-delete.ts';
export {
  type DescribeClusterRequest,
  type DescribeClusterResponse,
  describeClusterApi,
} from './messages/60-describe-cluster.ts';
export {
  type DescribeTopicPartitionsRequest,
  type DescribeTopicPartitionsResponse,
  describeTopicPartitionsApi,
} from './messages/75-describe-topic-partitions.ts';
export { Reader } from './reader.ts';
export {
  assignOffsets,
  batches,
  checkCrc,
  type ProducerFields,
  type RecordBatchHeader,
  readBatchHeader,
  rewriteProducerFields,
  setLogAppendTime,
  type TimestampType,
} from './record-batch.ts';
export {
  type CloseOptions,
  RecordBatchBuilder,
  type RecordBatchBuilderOptions,
  type RecordHeaderInput,
} from './record-batch-builder.ts';
export {
  type DecodedHeader,
  type DecodedRecord,
  type DecodeOptions,
  decodeRecords,
} from './record-decoder.ts';
export type { Decoded } from './schema.ts';
export { WireError } from './wire-error.ts';
export { Writer } from './writer.ts';
