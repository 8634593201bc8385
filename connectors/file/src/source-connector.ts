import {
  ConnectError,
  type ConnectorTransactionBoundaries,
  type ExactlyOnceSupport,
  parseConfig,
  type SourceConnector,
  type SourceMap,
} from '@tributary/sdk';
import { sourceConfig } from './config.ts';

/** One file is read by one task. */
export class FileStreamSourceConnector implements SourceConnector {
  #config: Readonly<Record<string, string>> = {};

  start(config: Readonly<Record<string, string>>): void {
    parseConfig(sourceConfig, config);
    this.#config = config;
  }

  taskConfigs(): Record<string, string>[] {
    return [{ ...this.#config }];
  }

  stop(): void {}

  /** Standard input cannot be read again. */
  exactlyOnceSupport(config: Readonly<Record<string, string>>): ExactlyOnceSupport {
    const { file } = parseConfig(sourceConfig, config);
    return file ? 'SUPPORTED' : 'UNSUPPORTED';
  }

  canDefineTransactionBoundaries(): ConnectorTransactionBoundaries {
    return 'UNSUPPORTED';
  }

  alterOffsets(
    config: Readonly<Record<string, string>>,
    offsets: readonly { partition: SourceMap | null; offset: SourceMap | null }[],
  ): boolean {
    const { file } = parseConfig(sourceConfig, config);
    if (!file) {
      throw new ConnectError(
        "Offsets cannot be modified if the 'file' configuration is unspecified. This is because stdin is used for input and offsets are not tracked.",
      );
    }
    for (const { partition, offset } of offsets) {
      // A reset is allowed for any partition, so that bad ones can be removed.
      if (offset === null) continue;
      checkOffset(offset);
      checkPartition(partition);
    }
    return true;
  }
}

function checkOffset(offset: SourceMap): void {
  if (!Object.hasOwn(offset, 'position')) {
    throw new ConnectError("Offset objects should either be null or contain the key 'position'");
  }
  const position = offset['position'];
  if (typeof position !== 'bigint' && !Number.isSafeInteger(position)) {
    throw new ConnectError(
      "The value for the 'position' key in the offset is expected to be a Long value",
    );
  }
  if ((position as number | bigint) < 0) {
    throw new ConnectError(
      "The value for the 'position' key in the offset should be a non-negative value",
    );
  }
}

function checkPartition(partition: SourceMap | null): void {
  if (partition === null) throw new ConnectError('Partition objects cannot be null');
  if (!Object.hasOwn(partition, 'filename')) {
    throw new ConnectError("Partition objects should contain the key 'filename'");
  }
}
