import { Reader, WireError } from '@tributary/wire';
import type { Group } from './group.ts';

/**
 * The topics that the members of a consumer group subscribe to; undefined for groups of other protocol types, whose metadata only they understand.
 * Metadata: int16 version, array of topic names, and more. Source: Kafka `ConsumerProtocolSubscription`.
 */
export function subscribedTopics(group: Group): Set<string> | undefined {
  if (group.protocolType !== 'consumer') return undefined;
  const topics = new Set<string>();
  try {
    for (const { protocols } of group.members) {
      for (const { metadata } of protocols) {
        const reader = new Reader(metadata);
        reader.int16();
        for (let left = reader.arrayLength(); left > 0; left--) topics.add(reader.string());
      }
    }
    return topics;
  } catch (error) {
    if (error instanceof WireError) return undefined;
    throw error;
  }
}
