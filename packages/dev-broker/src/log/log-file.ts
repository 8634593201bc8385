/** A file that grows at its end. Offsets are bytes. All calls finish before they return: what was appended has reached the operating system. */
export interface LogFile {
  readonly size: number;
  /** All of the bytes or, with a StorageError, none. */
  append(bytes: Uint8Array): void;
  /** Exactly these bytes, or fewer where the file ends. The buffer may be shared with the file: it is not to be changed. */
  read(position: number, length: number): Buffer;
  truncate(size: number): void;
  /** Forces what was appended to the disk (fdatasync). */
  flush(): void;
  close(): void;
}

/** Where the broker keeps its files; paths are relative, parted by slashes. */
export interface Storage {
  /** While true every append fails as on a full disk. */
  isFull: boolean;
  /** Creates the file and its folders where missing. */
  open(path: string): LogFile;
  /** Names in a folder, in no order; none where it does not exist. */
  list(folder: string): string[];
  /** A file or a whole folder; nothing happens where it does not exist. */
  remove(path: string): void;
  /** Replaces the target in one step. Both files are closed. */
  rename(from: string, to: string): void;
}
