/**
 * Node's own modules that take 2 to 8 MiB and up to 20 ms to load, some of them needed for TLS or SASL only: loaded at the first call.
 * Importing `node:fs` by name is dear too: it loads promises, streams and readline.
 */
import type * as Crypto from 'node:crypto';
import type * as Fs from 'node:fs';
import type * as Net from 'node:net';
import type * as Tls from 'node:tls';

export function crypto(): typeof Crypto {
  return process.getBuiltinModule('node:crypto');
}

export function fs(): typeof Fs {
  return process.getBuiltinModule('node:fs');
}

export function net(): typeof Net {
  return process.getBuiltinModule('node:net');
}

export function tls(): typeof Tls {
  return process.getBuiltinModule('node:tls');
}
