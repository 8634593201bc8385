import { ConnectError } from '@tributary/sdk';

export interface Encoding {
  /** What has no place in the encoding becomes `?`. */
  encode(text: string): Uint8Array;
  /** Malformed bytes become U+FFFD. */
  decode(bytes: Uint8Array): string;
}

class SerializationError extends ConnectError {
  static override readonly kind: string = 'SerializationError';
  static override readonly javaName: string =
    'org.apache.kafka.common.errors.SerializationException';
}

/** By Java's name, any letter case. */
export function findEncoding(name: string): Encoding {
  const encoding = encodings.get(name.toUpperCase()) ?? decoderOnly(name);
  if (encoding === null) throw new SerializationError(`Unsupported encoding ${name}`);
  return encoding;
}

const utf8: Encoding = {
  // A lone surrogate cannot be encoded: Java writes ?, Buffer would write U+FFFD.
  encode: (text) => Buffer.from(text.isWellFormed() ? text : withoutLoneSurrogates(text), 'utf8'),
  decode: (bytes) => view(bytes).toString('utf8'),
};

const latin1: Encoding = {
  encode: (text) => singleBytes(text, 0xff),
  decode: (bytes) => view(bytes).toString('latin1'),
};

const ascii: Encoding = {
  encode: (text) => singleBytes(text, 0x7f),
  decode: (bytes) =>
    view(bytes)
      .toString('latin1')
      .replace(/[\u0080-\u00ff]/g, '\ufffd'),
};

const utf16le: Encoding = {
  encode: (text) => Buffer.from(withReplacedSurrogates(text), 'utf16le'),
  decode: (bytes) => new TextDecoder('utf-16le', { ignoreBOM: true }).decode(bytes),
};

const utf16be: Encoding = {
  encode: (text) => Buffer.from(withReplacedSurrogates(text), 'utf16le').swap16(),
  decode: (bytes) => new TextDecoder('utf-16be', { ignoreBOM: true }).decode(bytes),
};

/** Writes big-endian behind a byte order mark; reads what the mark says, big-endian without one. */
const utf16: Encoding = {
  encode: (text) =>
    text === ''
      ? Buffer.alloc(0)
      : Buffer.concat([Buffer.from([0xfe, 0xff]), utf16be.encode(text)]),
  decode: (bytes) => {
    const isLittle = bytes[0] === 0xff && bytes[1] === 0xfe;
    return new TextDecoder(isLittle ? 'utf-16le' : 'utf-16be').decode(bytes);
  },
};

const encodings = new Map<string, Encoding>([
  ['UTF-8', utf8],
  ['UTF8', utf8],
  ['ISO-8859-1', latin1],
  ['ISO8859_1', latin1],
  ['LATIN1', latin1],
  ['US-ASCII', ascii],
  ['ASCII', ascii],
  ['UTF-16', utf16],
  ['UTF16', utf16],
  ['UTF-16BE', utf16be],
  ['UTF-16LE', utf16le],
]);

/** Single-byte encodings that the platform can only read: the way back is found by decoding each byte once. */
function decoderOnly(name: string): Encoding | null {
  if (!/^(windows-|iso-8859-|koi8-|ibm866)/i.test(name)) return null;
  try {
    const decoder = new TextDecoder(name);
    const codes = new Map<string, number>();
    for (let code = 0; code < 256; code++) codes.set(decoder.decode(Uint8Array.of(code)), code);
    return {
      encode: (text) => Uint8Array.from(text, (char) => codes.get(char) ?? 0x3f),
      decode: (bytes) => decoder.decode(bytes),
    };
  } catch {
    return null;
  }
}

function singleBytes(text: string, largest: number): Uint8Array {
  const bytes = Buffer.from(text, 'latin1');
  let isReplaced = false;
  for (let i = 0; i < text.length; i++) {
    if (text.charCodeAt(i) > largest) {
      bytes[i] = 0x3f;
      isReplaced = true;
    }
  }
  // A pair of surrogates is one character, so one replacement.
  return isReplaced && /[\ud800-\udbff][\udc00-\udfff]/.test(text)
    ? singleBytes(text.replace(/[\ud800-\udbff][\udc00-\udfff]/g, '?'), largest)
    : bytes;
}

function withoutLoneSurrogates(text: string): string {
  return text.replace(/\p{Surrogate}/gu, '?');
}

function withReplacedSurrogates(text: string): string {
  return text.isWellFormed() ? text : text.replace(/\p{Surrogate}/gu, '\ufffd');
}

function view(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes)
    ? bytes
    : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
