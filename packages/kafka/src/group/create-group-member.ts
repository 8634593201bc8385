import { Cluster } from '../cluster.ts';
import { parseAdmin } from '../config.ts';
import type { ClientConfig, ClientDeps } from '../types.ts';
import { GroupMember, type GroupOptions } from './group-member.ts';

export interface OwnGroupMember {
  readonly member: GroupMember;
  /** Leaves the group, unless it is a static member or the signal comes first, and closes the connections. Never rejects. */
  close(signal: AbortSignal): Promise<void>;
}

/** A member of a group of any protocol type, on connections of its own; its keys are those of an admin client. It joins when its owner calls `join`. Throws INVALID_CONFIG. */
export function createGroupMember(
  config: ClientConfig,
  deps: ClientDeps,
  options: GroupOptions,
): OwnGroupMember {
  const cluster = new Cluster(parseAdmin(config, deps.logger), deps);
  const member = new GroupMember(cluster, options);
  return {
    member,
    async close(signal) {
      await member.leave(signal).catch(() => {});
      member.close();
      cluster.close();
    },
  };
}
