import { type Api, type Decoded, errorByCode, findCoordinatorApi } from '@tributary/wire';
import type { Cluster, Purpose } from '../cluster.ts';
import { brokerError, isKafkaError } from '../errors.ts';
import { orAbort } from '../timers.ts';
import type { KafkaError } from '../types.ts';

/** Finds the coordinator of one group, or of one transactional id, and speaks to it on a connection of its own, since a join may keep that busy for as long as a rebalance takes. */
export class Coordinator {
  readonly #cluster: Cluster;
  readonly #key: string;
  readonly #kind: 'group' | 'transaction';
  #node: number | null = null;

  constructor(cluster: Cluster, key: string, kind: 'group' | 'transaction' = 'group') {
    this.#cluster = cluster;
    this.#key = key;
    this.#kind = kind;
  }

  /** Rejects with a retriable error while there is no coordinator; the next call looks again. */
  async request<Req, Res>(
    api: Api<Req, Res>,
    value: Req | ((version: number) => Req),
    options: {
      maxVersion?: number;
      timeoutMs?: number;
      signal?: AbortSignal;
      purpose?: Purpose;
    } = {},
  ): Promise<Decoded<Res>> {
    const node = this.#node ?? (await orAbort(this.#find(), options.signal));
    try {
      return await this.#cluster.request(
        node,
        options.purpose ?? 'coordinator',
        api,
        value,
        options,
      );
    } catch (error) {
      if (isKafkaError(error) && error.isRetriable) this.forget();
      throw error;
    }
  }

  /** It has moved or cannot be reached. */
  forget(): void {
    this.#node = null;
  }

  noteError(code: number): void {
    const { name } = errorByCode(code);
    if (['NOT_COORDINATOR', 'COORDINATOR_NOT_AVAILABLE', 'REQUEST_TIMED_OUT'].includes(name)) {
      this.forget();
    }
  }

  /** For a response's error code: an error to throw; a coordinator that moved is forgotten. */
  errorOf(code: number, what: string): KafkaError {
    this.noteError(code);
    return brokerError(code, what);
  }

  async #find(): Promise<number> {
    const connection = await this.#cluster.anyConnection();
    const keyType = this.#kind === 'group' ? 0 : 1;
    const response = await connection.request(findCoordinatorApi, (version) =>
      version >= 4 ? { keyType, coordinatorKeys: [this.#key] } : { key: this.#key, keyType },
    );
    const found = response.coordinators[0] ?? response;
    if (found.errorCode !== 0) {
      throw brokerError(
        found.errorCode,
        `Cannot find the coordinator of ${this.#kind} "${this.#key}"`,
      );
    }
    const { nodeId, host, port } = found;
    this.#cluster.noteBroker(nodeId, { host, port });
    this.#node = nodeId;
    return nodeId;
  }
}
