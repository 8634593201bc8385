import type { Broker } from './broker.ts';
import type { Timer } from './clock.ts';
import { compact } from './log/compaction.ts';
import { expireProducers } from './log/producer-state.ts';
import { applyRetention } from './log/retention.ts';
import { topicConfigNumber, topicConfigValue } from './topic-config.ts';

/** What grows old is removed from time to time: records, producers, offsets of groups without members. */
export function startHousekeeping(broker: Broker): () => void {
  const stopRemoval = repeat(broker, broker.config['log.retention.check.interval.ms'], removeOld);
  const stopCompaction = repeat(broker, broker.config['log.cleaner.backoff.ms'], compactAll);
  return () => {
    stopRemoval();
    stopCompaction();
  };
}

function repeat(broker: Broker, intervalMs: number, run: (broker: Broker) => void): () => void {
  let timer: Timer;
  const schedule = () => {
    timer = broker.clock.after(intervalMs, () => {
      try {
        run(broker);
      } catch (error) {
        broker.logger.error(`Cannot remove old data: ${(error as Error).message}`);
      }
      schedule();
    });
  };
  schedule();
  return () => timer.cancel();
}

export function compactAll(broker: Broker): void {
  for (const { topic, log } of broker.allLogs()) {
    const { config } = broker;
    if (!topicConfigValue(topic.configs, 'cleanup.policy', config).includes('compact')) continue;
    const deleteRetentionMs = topicConfigNumber(topic.configs, 'delete.retention.ms', config);
    const minLagMs = topicConfigNumber(topic.configs, 'min.compaction.lag.ms', config);
    compact(log, broker.clock.now(), { deleteRetentionMs, minLagMs });
  }
}

export function removeOld(broker: Broker): void {
  const nowMs = broker.clock.now();
  const { config } = broker;
  for (const { topic, log } of broker.allLogs()) {
    const number = (name: string) => topicConfigNumber(topic.configs, name, config);
    if (topicConfigValue(topic.configs, 'cleanup.policy', config).includes('delete')) {
      applyRetention(log, nowMs, number('retention.ms'), number('retention.bytes'));
    }
    expireProducers(log.producers, nowMs, config['producer.id.expiration.ms'], (producerId) => {
      return log.transactions.ongoing.has(producerId);
    });
  }
  expireGroups(broker, nowMs);
  expireTransactionalIds(broker, nowMs);
}

/** A group without members keeps its offsets so long after its end, and after each commit. */
function expireGroups(broker: Broker, nowMs: number): void {
  const retentionMs = broker.config['offsets.retention.minutes'] * 60_000;
  for (const group of broker.allGroups()) {
    if (group.status !== 'Empty' || nowMs - group.changedMs < retentionMs) continue;
    const topics = [...(broker.state.offsets.get(group.groupId)?.values() ?? [])];
    const isKept = topics.some((partitions) => {
      return [...partitions.values()].some(({ committedMs }) => nowMs - committedMs < retentionMs);
    });
    if (!isKept) broker.deleteGroup(group.groupId);
  }
}

function expireTransactionalIds(broker: Broker, nowMs: number): void {
  const expirationMs = broker.config['transactional.id.expiration.ms'];
  for (const { transactionalId, status, changedMs } of broker.state.transactions.values()) {
    if (status !== 'Empty' || nowMs - changedMs < expirationMs) continue;
    broker.commit([{ type: 'transaction-removed', transactionalId }]);
  }
}
