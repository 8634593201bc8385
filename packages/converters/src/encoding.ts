import { ConnectError } from '@tributary/sdk';
import { decodeJavaUtf8 } from './java-utf8.ts';

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
  const usual = usualName(name);
  const encoding = encodings.get(usual) ?? decoderOnly(usual);
  if (encoding === null) throw new SerializationError(`Unsupported encoding ${name}`);
  return encoding;
}

const utf8: Encoding = {
  // A lone surrogate cannot be encoded: Java writes ?, Buffer would write U+FFFD.
  encode: (text) => Buffer.from(text.isWellFormed() ? text : withoutLoneSurrogates(text), 'utf8'),
  decode: decodeJavaUtf8,
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
  decode: (bytes) => {
    const half = bytes.length % 2 === 0 ? '' : '\ufffd';
    return withoutBrokenPairs(view(bytes).toString('utf16le') + half);
  },
};

const utf16be: Encoding = {
  encode: (text) => Buffer.from(withReplacedSurrogates(text), 'utf16le').swap16(),
  decode: (bytes) => {
    const half = bytes.length % 2;
    const swapped = Buffer.from(bytes.subarray(0, bytes.length - half)).swap16();
    return withoutBrokenPairs(swapped.toString('utf16le') + '\ufffd'.repeat(half));
  },
};

/** Writes big-endian behind a byte order mark; reads what the mark says, big-endian without one. */
const utf16: Encoding = {
  encode: (text) =>
    text === ''
      ? Buffer.alloc(0)
      : Buffer.concat([Buffer.from([0xfe, 0xff]), utf16be.encode(text)]),
  decode: (bytes) => {
    if (bytes[0] === 0xff && bytes[1] === 0xfe) return utf16le.decode(bytes.subarray(2));
    const hasMark = bytes[0] === 0xfe && bytes[1] === 0xff;
    return utf16be.decode(hasMark ? bytes.subarray(2) : bytes);
  },
};

const utf32be = utf32Of(false);
const utf32le = utf32Of(true);

/** Writes big-endian without a mark; reads what the mark says, big-endian without one. */
const utf32: Encoding = {
  encode: utf32be.encode,
  decode: (bytes) => (utf32Mark(bytes, true) ? utf32le : utf32be).decode(bytes),
};

const encodings = new Map<string, Encoding>([
  ['UTF-8', utf8],
  ['UTF8', utf8],
  ['ISO-8859-1', latin1],
  ['LATIN1', latin1],
  ['US-ASCII', ascii],
  ['ASCII', ascii],
  ['ASCII7', ascii],
  ['UTF-16', utf16],
  ['UTF16', utf16],
  ['UNICODE', utf16],
  ['UTF-16BE', utf16be],
  ['UTF-16LE', utf16le],
  ['UTF-32', utf32],
  ['UTF32', utf32],
  ['UTF-32BE', utf32be],
  ['UTF-32LE', utf32le],
]);

/** Of Java's other names for an encoding the usual ones: `Cp1252`, `ISO8859_2`, `UTF_16`. */
function usualName(name: string): string {
  return name
    .toUpperCase()
    .replace(/^CP(?=125\d$)/, 'WINDOWS-')
    .replace(/^(?:ISO)?[-_]?8859[-_](?=\d+$)/, 'ISO-8859-')
    .replace(/^UTF_(?=16|32)/, 'UTF-');
}

/** Single-byte encodings that the platform can only read: the way back is found by decoding each byte once. */
function decoderOnly(name: string): Encoding | null {
  if (!/^(WINDOWS-|ISO-8859-|KOI8-|IBM866$)/.test(name)) return null;
  try {
    const decoder = new TextDecoder(name);
    const chars = Array.from({ length: 256 }, (_, code) => decoder.decode(Uint8Array.of(code)));
    // Where Windows has no character the platform gives a control character, Java none.
    const hasControls = !name.startsWith('WINDOWS-');
    const known = chars.map((char) =>
      hasControls || !/[\u0080-\u009f]/.test(char) ? char : '\ufffd',
    );
    const codes = new Map(known.map((char, code) => [char, code]));
    codes.delete('\ufffd');
    return {
      encode: (text) => Uint8Array.from(text, (char) => codes.get(char) ?? 0x3f),
      decode: (bytes) => Array.from(bytes, (byte) => known[byte]).join(''),
    };
  } catch {
    return null;
  }
}

function utf32Of(isLittle: boolean): Encoding {
  return {
    encode(text) {
      const codes = Array.from(
        withReplacedSurrogates(text),
        (char) => char.codePointAt(0) as number,
      );
      const view = new DataView(new ArrayBuffer(4 * codes.length));
      for (const [index, code] of codes.entries()) view.setUint32(4 * index, code, isLittle);
      return new Uint8Array(view.buffer);
    },
    decode(bytes) {
      const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
      let text = '';
      for (let at = utf32Mark(bytes, isLittle) ? 4 : 0; at < bytes.length; at += 4) {
        const code = at + 4 <= bytes.length ? view.getUint32(at, isLittle) : Infinity;
        const isCharacter = code <= 0x10ffff && (code & 0x1ff800) !== 0xd800;
        text += isCharacter ? String.fromCodePoint(code) : '\ufffd';
      }
      return text;
    },
  };
}

function utf32Mark(bytes: Uint8Array, isLittle: boolean): boolean {
  const mark = isLittle ? [0xff, 0xfe, 0, 0] : [0, 0, 0xfe, 0xff];
  return mark.every((byte, index) => bytes[index] === byte);
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

/** A first half takes with it what stands where the second should be. */
function withoutBrokenPairs(text: string): string {
  return text.isWellFormed()
    ? text
    : text.replace(/[\ud800-\udbff][^]?|[\udc00-\udfff]/g, (found) =>
        /^[\ud800-\udbff][\udc00-\udfff]$/.test(found) ? found : '\ufffd',
      );
}

function view(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes)
    ? bytes
    : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
