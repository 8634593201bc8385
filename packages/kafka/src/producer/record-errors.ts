import { type Decoded, errorCodes, type ProduceResponse } from '@tributary/wire';
import { brokerError } from '../errors.ts';
import type { KafkaError } from '../types.ts';

type PartitionAnswer = Decoded<ProduceResponse>['responses'][number]['partitionResponses'][number];

const noRecords: ReadonlyMap<number, KafkaError> = new Map();

/** How a batch that was refused failed: records that the broker named by their place in it, and all others. */
export interface BatchFailure {
  readonly error: KafkaError;
  readonly byRecord: ReadonlyMap<number, KafkaError>;
}

export function failureOf(error: KafkaError): BatchFailure {
  return { error, byRecord: noRecords };
}

/** Source: KIP-467, Kafka `Sender.failBatch`. */
export function batchFailure(what: string, answer: PartitionAnswer): BatchFailure {
  const { errorCode, errorMessage, recordErrors } = answer;
  const error = brokerError(errorCode, what, errorMessage);
  if (recordErrors.length === 0) return failureOf(error);
  // With several the code of the batch need not be the record's own.
  const recordCode = recordErrors.length === 1 ? errorCode : errorCodes.INVALID_RECORD;
  const byRecord = new Map(
    recordErrors.map(({ batchIndex, batchIndexErrorMessage }) => [
      batchIndex,
      brokerError(recordCode, what, batchIndexErrorMessage ?? errorMessage),
    ]),
  );
  const others = 'the record was part of a batch which had one or more invalid records';
  return { error: brokerError(errorCode, what, others), byRecord };
}
