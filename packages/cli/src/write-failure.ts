const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'a part of the path does not exist and cannot be made',
  EACCES: 'this user has no right to it',
  EPERM: 'this user has no right to it',
  EROFS: 'the file system is read-only',
  ENOTDIR: 'a part of the path is a file, not a folder',
  EEXIST: 'there is a file of that name',
  ENOSPC: 'the disk is full',
};

/** Why a folder cannot be written to, in words, with the system's code. (no I/O) */
export function reasonOf(error: unknown): string {
  const { code = '', message } = error as NodeJS.ErrnoException;
  const reason = reasons[code];
  return reason === undefined ? message : `${reason} (${code})`;
}
