import type { TransformationPlugin } from '@tributary/sdk';
import { caseTransform } from './aiven/case-transform.ts';
import { concatFields } from './aiven/concat-fields.ts';
import { extractTimestamp } from './aiven/extract-timestamp.ts';
import { extractTopic } from './aiven/extract-topic.ts';
import { extractTopicFromSchemaName } from './aiven/extract-topic-from-schema-name.ts';
import { filterByFieldValue } from './aiven/filter-by-field-value.ts';
import { hash } from './aiven/hash.ts';
import { keyToValue } from './aiven/key-to-value.ts';
import { makeTombstone, makeTombstoneValue } from './aiven/make-tombstone.ts';
import { tombstoneHandler } from './aiven/tombstone-handler.ts';
import { drop } from './confluent/drop.ts';
import { confluentExtractTopic, confluentExtractTopicHeader } from './confluent/extract-topic.ts';
import { confluentFilter } from './confluent/filter.ts';
import { gzipDecompress } from './confluent/gzip-decompress.ts';
import { messageTimestampRouter } from './confluent/message-timestamp-router.ts';
import { confluentTombstoneHandler } from './confluent/tombstone-handler.ts';
import { byLogicalTableRouter } from './debezium/by-logical-table-router.ts';
import { eventRouter } from './debezium/event-router.ts';
import { extractChangedRecordState } from './debezium/extract-changed-record-state.ts';
import { extractNewRecordState } from './debezium/extract-new-record-state.ts';
import { partitionRouting } from './debezium/partition-routing.ts';
import { contentBasedRouter, debeziumFilter } from './debezium/scripting.ts';
import { timezoneConverter } from './debezium/timezone-converter.ts';

/** Widely used transformations from elsewhere, under the names of their own classes. */

export const AivenCaseTransformKey: TransformationPlugin = caseTransform.key;
export const AivenCaseTransformValue: TransformationPlugin = caseTransform.value;
export const AivenConcatFieldsKey: TransformationPlugin = concatFields.key;
export const AivenConcatFieldsValue: TransformationPlugin = concatFields.value;
export const AivenExtractTimestampKey: TransformationPlugin = extractTimestamp.key;
export const AivenExtractTimestampValue: TransformationPlugin = extractTimestamp.value;
export const AivenExtractTopicFromSchemaNameValue: TransformationPlugin =
  extractTopicFromSchemaName;
export const AivenExtractTopicKey: TransformationPlugin = extractTopic.key;
export const AivenExtractTopicValue: TransformationPlugin = extractTopic.value;
export const AivenFilterByFieldValueKey: TransformationPlugin = filterByFieldValue.key;
export const AivenFilterByFieldValueValue: TransformationPlugin = filterByFieldValue.value;
export const AivenHashKey: TransformationPlugin = hash.key;
export const AivenHashValue: TransformationPlugin = hash.value;
export const AivenKeyToValue: TransformationPlugin = keyToValue;
export const AivenMakeTombstone: TransformationPlugin = makeTombstone;
export const AivenMakeTombstoneValue: TransformationPlugin = makeTombstoneValue;
export const AivenTombstoneHandler: TransformationPlugin = tombstoneHandler;

export const ConfluentDropKey: TransformationPlugin = drop.key;
export const ConfluentDropValue: TransformationPlugin = drop.value;
export const ConfluentExtractTopicHeader: TransformationPlugin = confluentExtractTopicHeader;
export const ConfluentExtractTopicKey: TransformationPlugin = confluentExtractTopic.key;
export const ConfluentExtractTopicValue: TransformationPlugin = confluentExtractTopic.value;
export const ConfluentFilterKey: TransformationPlugin = confluentFilter.key;
export const ConfluentFilterValue: TransformationPlugin = confluentFilter.value;
export const ConfluentGzipDecompressKey: TransformationPlugin = gzipDecompress.key;
export const ConfluentGzipDecompressValue: TransformationPlugin = gzipDecompress.value;
export const ConfluentMessageTimestampRouter: TransformationPlugin = messageTimestampRouter;
export const ConfluentTombstoneHandler: TransformationPlugin = confluentTombstoneHandler;

export const DebeziumByLogicalTableRouter: TransformationPlugin = byLogicalTableRouter;
export const DebeziumContentBasedRouter: TransformationPlugin = contentBasedRouter;
export const DebeziumEventRouter: TransformationPlugin = eventRouter;
export const DebeziumExtractChangedRecordState: TransformationPlugin = extractChangedRecordState;
export const DebeziumExtractNewRecordState: TransformationPlugin = extractNewRecordState;
export const DebeziumFilter: TransformationPlugin = debeziumFilter;
export const DebeziumPartitionRouting: TransformationPlugin = partitionRouting;
export const DebeziumTimezoneConverter: TransformationPlugin = timezoneConverter;
