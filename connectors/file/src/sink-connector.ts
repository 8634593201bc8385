import { parseConfig, type SinkConnector } from '@tributary/sdk';
import { sinkConfig } from './config.ts';

/** All tasks append to the same file. */
export class FileStreamSinkConnector implements SinkConnector {
  #config: Readonly<Record<string, string>> = {};

  start(config: Readonly<Record<string, string>>): void {
    parseConfig(sinkConfig, config);
    this.#config = config;
  }

  taskConfigs(maxTasks: number): Record<string, string>[] {
    return Array.from({ length: maxTasks }, () => ({ ...this.#config }));
  }

  stop(): void {}

  /** The file knows nothing of offsets: any change is fine. */
  alterOffsets(): boolean {
    return true;
  }
}
