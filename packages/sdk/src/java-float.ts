import { Decimal } from './decimal.ts';

/** The float nearest to the number itself: by way of a double it would be rounded twice. Source: `BigDecimal.floatValue`. */
export function decimalToFloat(decimal: Decimal): number {
  return roundToFloat(decimal.toNumber(), decimal);
}

/** A whole number as float, rounded once. */
export function bigintToFloat(value: bigint): number {
  return decimalToFloat(new Decimal(value, 0));
}

/** A number of at most 15 digits, rounded once: of so few digits its double tells all. */
export function shortNumberToFloat(double: number): number {
  return roundToFloat(double, null);
}

/** The nearest double may lie in the middle between two floats while the number itself does not: then it decides. */
function roundToFloat(double: number, exact: Decimal | null): number {
  const float = Math.fround(double);
  if (float === double || !Number.isFinite(double)) return float;
  const nearest = Number.isFinite(float) ? float : Math.sign(float) * 2 ** 128;
  const other = neighbour(float, double > float);
  if ((nearest + other) / 2 !== double) return float;
  const order = compareToDouble(exact ?? Decimal.fromNumber(double), double);
  if (order === 0) return float;
  const [low, high] = nearest < other ? [nearest, other] : [other, nearest];
  return Math.fround(order < 0 ? low : high);
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
