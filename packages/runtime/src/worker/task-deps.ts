/** What tasks and connectors need of the host they live in. (no I/O) */
import type { Admin, ClientConfig, Consumer, GroupMemberId, Producer } from '@tributary/kafka';
import type { Clock } from '../clock.ts';
import type { HostEvent, HostSettings, OffsetEntry, OffsetMap } from '../hosts/messages.ts';
import type { Logger } from '../logger.ts';
import type { PluginLoader } from '../plugins/plugin-loader.ts';

export interface TaskDeps {
  readonly settings: HostSettings;
  readonly plugins: PluginLoader;
  readonly offsets: {
    read(
      connector: string,
      partitions: readonly OffsetMap[],
      signal: AbortSignal,
    ): Promise<(OffsetMap | null)[]>;
    /** Resolves when the entries are durable. */
    write(
      connector: string,
      entries: readonly OffsetEntry[],
      signal: AbortSignal,
    ): Promise<unknown>;
  };
  /** Logs with the context of the run (`[orders|task-0] `). */
  readonly logger: Logger;
  /** Default: the system's. */
  readonly clock?: Clock;
  emit(event: HostEvent): void;
  createProducer(config: ClientConfig): Producer | Promise<Producer>;
  createConsumer(
    config: ClientConfig,
    onMember: (member: GroupMemberId) => void,
  ): Consumer | Promise<Consumer>;
  createAdmin(config: ClientConfig): Admin | Promise<Admin>;
  /** Names the plugin code at work to whoever watches the host; called per slice of records. Default: just calls. */
  enter?<T>(label: string, call: () => T): T;
}
