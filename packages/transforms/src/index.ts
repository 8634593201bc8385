import type { PredicatePlugin, TransformationPlugin } from '@tributary/sdk';
import { dropHeaders } from './drop-headers.ts';
import { extractField } from './extract-field.ts';
import { filter } from './filter.ts';
import { hoistField } from './hoist-field.ts';
import { insertHeader } from './insert-header.ts';
import { hasHeaderKey } from './predicates/has-header-key.ts';
import { recordIsTombstone } from './predicates/record-is-tombstone.ts';
import { setSchemaMetadata } from './set-schema-metadata.ts';
import { valueToKey } from './value-to-key.ts';

export const DropHeaders: TransformationPlugin = dropHeaders;
export const ExtractFieldKey: TransformationPlugin = extractField.key;
export const ExtractFieldValue: TransformationPlugin = extractField.value;
export const Filter: TransformationPlugin = filter;
export const HoistFieldKey: TransformationPlugin = hoistField.key;
export const HoistFieldValue: TransformationPlugin = hoistField.value;
export const InsertHeader: TransformationPlugin = insertHeader;
export const SetSchemaMetadataKey: TransformationPlugin = setSchemaMetadata.key;
export const SetSchemaMetadataValue: TransformationPlugin = setSchemaMetadata.value;
export const ValueToKey: TransformationPlugin = valueToKey;

export const HasHeaderKey: PredicatePlugin = hasHeaderKey;
export const RecordIsTombstone: PredicatePlugin = recordIsTombstone;
