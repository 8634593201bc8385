import { Decimal, javaTrim } from '@tributary/sdk';

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
  return exact === null ? Math.fround(double) : roundToFloat(double, exact);
}

/** BigDecimal.floatValue. */
export function toFloat(decimal: Decimal): number {
  return roundToFloat(decimal.toNumber(), decimal);
}

/** The nearest double may lie in the middle between two floats while the number itself does not: then it decides. */
function roundToFloat(double: number, exact: Decimal): number {
  const float = Math.fround(double);
  if (float === double || !Number.isFinite(double)) return float;
  const other = neighbour(float, double > float);
  if ((float + other) / 2 !== double) return float;
  const order = compareToDouble(exact, double);
  if (order === 0) return float;
  const [low, high] = float < other ? [float, other] : [other, float];
  return order < 0 ? low : high;
}

const floats = new Float32Array(1);
const bits = new Int32Array(floats.buffer);

/** The next float up or down; beyond the largest comes 2^128, whose middle to it rounds to infinity. */
function neighbour(float: number, isUp: boolean): number {
  if (!Number.isFinite(float)) return Math.sign(float) * 3.4028234663852886e38;
  floats[0] = float;
  const isAway = float === 0 || float > 0 === isUp;
  if (float === 0) bits[0] = isUp ? 1 : 0x80000001 | 0;
  else bits[0] = (bits[0] as number) + (isAway ? 1 : -1);
  const next = floats[0] as number;
  return Number.isFinite(next) ? next : Math.sign(float) * 2 ** 128;
}

/** Of doubles about as large as a float: their digits are few enough to write out. */
function compareToDouble(exact: Decimal, double: number): number {
  const [whole, scale] = exactDigits(double);
  const shift = BigInt(Math.max(exact.scale, scale));
  const left = exact.unscaled * 10n ** (shift - BigInt(exact.scale));
  const right = whole * 10n ** (shift - BigInt(scale));
  return left < right ? -1 : left > right ? 1 : 0;
}

/** A double as whole number over a power of ten. */
function exactDigits(double: number): [bigint, number] {
  let value = double;
  let halvings = 0;
  while (!Number.isInteger(value)) {
    value *= 2;
    halvings += 1;
  }
  return [BigInt(value) * 5n ** BigInt(halvings), halvings];
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
