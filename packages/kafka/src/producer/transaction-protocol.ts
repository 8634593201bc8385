import type { Cluster } from '../cluster.ts';

/**
 * First: partitions and groups are added before anything is sent to them, and the epoch stays as long as nothing fails.
 * Second: brokers add them with what is sent to them, and each end of a transaction raises the epoch, so that what comes late is in no later transaction.
 * Source: KIP-98, KIP-890.
 */
export interface TransactionProtocol {
  readonly isSecond: boolean;
  /** Newest versions of the requests: brokers tell the protocol by them. */
  readonly produce: number;
  readonly txnOffsetCommit: number;
  readonly endTxn: number;
}

export const firstProtocol: TransactionProtocol = {
  isSecond: false,
  produce: 11,
  txnOffsetCommit: 4,
  endTxn: 4,
};

const secondProtocol: TransactionProtocol = {
  isSecond: true,
  produce: 12,
  txnOffsetCommit: 5,
  endTxn: 5,
};

/** What the cluster speaks by now. */
export function currentProtocol(cluster: Cluster): TransactionProtocol {
  return cluster.featureLevel('transaction.version') >= 2 ? secondProtocol : firstProtocol;
}
