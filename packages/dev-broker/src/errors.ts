/** The broker cannot start or go on: what failed, on what, and what to do. */
export class DevBrokerError extends Error {
  override readonly name: string = 'DevBrokerError';
  readonly code: DevBrokerErrorCode;

  constructor(code: DevBrokerErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

export type DevBrokerErrorCode =
  | 'TRB_BROKER_CONFIG'
  | 'TRB_BROKER_FOLDER_LOCKED'
  | 'TRB_BROKER_FOLDER_VERSION'
  | 'TRB_BROKER_FOLDER_UNUSABLE'
  | 'TRB_BROKER_FOLDER_CORRUPT'
  | 'TRB_BROKER_PORT_IN_USE'
  | 'TRB_BROKER_LISTEN';

/** A write did not reach the file and left nothing behind. Clients see KAFKA_STORAGE_ERROR. */
export class StorageError extends Error {
  override readonly name = 'StorageError';
}
