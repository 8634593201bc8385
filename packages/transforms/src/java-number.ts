import { Decimal, decimalToFloat, javaTrim } from '@tributary/sdk';

/** Numbers read as java.lang.Float and Double read them. */

const syntax =
  /^[+-]?(?:NaN|Infinity|(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?[fFdD]?|0[xX](?:[\da-fA-F]+\.?|[\da-fA-F]*\.[\da-fA-F]+)[pP][+-]?\d+[fFdD]?)$/;

/** Double.parseDouble; null when `text` is no number. */
export function parseJavaDouble(text: string): number | null {
  const trimmed = javaTrim(text);
  if (!syntax.test(trimmed)) return null;
  if (/^[+-]?0[xX]/.test(trimmed)) return hexNumber(trimmed, 64);
  // NaN may have a sign.
  return trimmed.endsWith('NaN') ? Number.NaN : Number(trimmed.replace(/[fFdD]$/, ''));
}

/** Float.parseFloat: the float nearest to the text itself. */
export function parseJavaFloat(text: string): number | null {
  const trimmed = javaTrim(text);
  const double = parseJavaDouble(trimmed);
  if (double === null) return null;
  if (/^[+-]?0[xX]/.test(trimmed)) return hexNumber(trimmed, 32);
  const exact = Decimal.parse(trimmed.replace(/[fFdD]$/, ''));
  return exact === null ? Math.fround(double) : decimalToFloat(exact);
}

/** `0x1.8p3`: exact, then rounded once. */
function hexNumber(text: string, size: 32 | 64): number {
  const match = /^([+-]?)0[xX]([\da-fA-F]*)\.?([\da-fA-F]*)[pP]([+-]?\d+)[fFdD]?$/.exec(text);
  const [, sign = '', whole = '', fraction = '', exponent = '0'] = match ?? [];
  const digits = BigInt(`0x0${whole}${fraction}`);
  const magnitude = scaleByTwo(digits, Number(exponent) - 4 * fraction.length, size);
  return sign === '-' ? -magnitude : magnitude;
}

function scaleByTwo(digits: bigint, power: number, size: 32 | 64): number {
  if (digits === 0n) return 0;
  const length = digits.toString(2).length;
  const { precision, smallest } =
    size === 32 ? { precision: 24, smallest: -149 } : { precision: 53, smallest: -1074 };
  // The last bit that counts: of a full mantissa, or the smallest there is.
  const last = Math.max(length + power - precision, smallest);
  const drop = last - power;
  if (drop > length + 1) return 0;
  const kept = drop <= 0 ? digits << BigInt(-drop) : roundHalfEven(digits, BigInt(drop));
  if (last > 1100) return Number.POSITIVE_INFINITY;
  // In two steps, since 2^-1074 is no normal number.
  const result = Number(kept) * 2 ** Math.trunc(last / 2) * 2 ** (last - Math.trunc(last / 2));
  return size === 32 ? Math.fround(result) : result;
}

function roundHalfEven(digits: bigint, drop: bigint): bigint {
  const kept = digits >> drop;
  const rest = digits - (kept << drop);
  const half = 1n << (drop - 1n);
  const isUp = rest > half || (rest === half && (kept & 1n) === 1n);
  return isUp ? kept + 1n : kept;
}
