import { Decimal, isDecimal, TypedNumber } from '@tributary/sdk';
import { fail } from './script-values.ts';

/**
 * Numbers as Groovy computes with them: `number` is an Integer, `bigint` a Long, TypedNumber a Byte, Short, Float or Double, Decimal a BigDecimal.
 * Integers and Longs wrap around. Source: org.codehaus.groovy.runtime.typehandling.NumberMath.
 */
export type GroovyNumber = number | bigint | TypedNumber | Decimal;
export type Arithmetic = '+' | '-' | '*' | '/' | '%';

export function isGroovyNumber(value: unknown): value is GroovyNumber {
  return (
    typeof value === 'number' ||
    typeof value === 'bigint' ||
    value instanceof TypedNumber ||
    isDecimal(value)
  );
}

/** Below zero, zero or above. */
export function compareNumbers(left: GroovyNumber, right: GroovyNumber): number {
  if (typeof left === 'number' && typeof right === 'number') return left - right;
  if (isFloating(left) || isFloating(right)) return compareDoubles(toDouble(left), toDouble(right));
  const a = toDecimal(left);
  const b = toDecimal(right);
  const scale = Math.max(a.scale, b.scale);
  const difference = rescale(a, scale) - rescale(b, scale);
  return difference < 0n ? -1 : Number(difference > 0n);
}

export function compute(
  operator: Arithmetic,
  left: GroovyNumber,
  right: GroovyNumber,
): GroovyNumber {
  if (typeof left === 'number' && typeof right === 'number' && operator !== '/') {
    return computeInts(operator, left, right);
  }
  if (isFloating(left) || isFloating(right)) {
    return new TypedNumber('FLOAT64', computeDoubles(operator, toDouble(left), toDouble(right)));
  }
  if (operator === '/' || isDecimal(left) || isDecimal(right)) {
    return computeDecimals(operator, toDecimal(left), toDecimal(right));
  }
  const a = toWhole(left);
  const b = toWhole(right);
  if (operator === '%' && b === 0n) fail('/ by zero');
  const result = { '+': () => a + b, '-': () => a - b, '*': () => a * b, '%': () => a % b }[
    operator
  ]();
  const isLong = typeof left === 'bigint' || typeof right === 'bigint';
  return isLong ? BigInt.asIntN(64, result) : Number(BigInt.asIntN(32, result));
}

function computeInts(operator: Exclude<Arithmetic, '/'>, left: number, right: number): number {
  switch (operator) {
    case '+':
      return (left + right) | 0;
    case '-':
      return (left - right) | 0;
    case '*':
      return Math.imul(left, right);
    case '%':
      return right === 0 ? fail('/ by zero') : (left % right) | 0;
  }
}

export function negateNumber(value: GroovyNumber): GroovyNumber {
  if (isDecimal(value)) return new Decimal(-value.unscaled, value.scale);
  if (isFloating(value)) return new TypedNumber(value.type, -Number(value.value));
  return compute('-', 0, value);
}

export function isZero(value: GroovyNumber): boolean {
  return isDecimal(value) ? value.unscaled === 0n : Number(value) === 0;
}

function isFloating(value: GroovyNumber): value is TypedNumber {
  return value instanceof TypedNumber && (value.type === 'FLOAT64' || value.type === 'FLOAT32');
}

function toDouble(value: GroovyNumber): number {
  return isDecimal(value) ? value.toNumber() : Number(value);
}

function toWhole(value: GroovyNumber): bigint {
  return isDecimal(value) ? value.toBigInt() : BigInt(value.valueOf());
}

function toDecimal(value: GroovyNumber): Decimal {
  return isDecimal(value) ? value : new Decimal(toWhole(value), 0);
}

/** NaN is equal to itself and above everything else. */
function compareDoubles(left: number, right: number): number {
  if (left < right) return -1;
  if (left > right) return 1;
  return left === right ? 0 : Number(Number.isNaN(left)) - Number(Number.isNaN(right));
}

function computeDoubles(operator: Arithmetic, left: number, right: number): number {
  switch (operator) {
    case '+':
      return left + right;
    case '-':
      return left - right;
    case '*':
      return left * right;
    case '/':
      return left / right;
    case '%':
      return left % right;
  }
}

/** Decimals of columns have some dozen digits; a literal with a huge exponent has no end of them. */
const maxShift = 10_000;

function rescale({ unscaled, scale }: Decimal, to: number): bigint {
  return unscaled * powerOfTen(to - scale);
}

function powerOfTen(exponent: number): bigint {
  if (exponent > maxShift) fail(`a number with more than ${maxShift} digits`);
  return 10n ** BigInt(exponent);
}

function computeDecimals(operator: Arithmetic, left: Decimal, right: Decimal): Decimal {
  if (operator === '*') {
    return new Decimal(left.unscaled * right.unscaled, left.scale + right.scale);
  }
  if (operator === '/') return divide(left, right);
  const scale = Math.max(left.scale, right.scale);
  const a = rescale(left, scale);
  const b = rescale(right, scale);
  if (operator === '%') return b === 0n ? fail('Division by zero') : new Decimal(a % b, scale);
  return new Decimal(operator === '+' ? a + b : a - b, scale);
}

/** As exact as it has an end; else ten digits more than its parts have, and ten behind the point at least. */
function divide(left: Decimal, right: Decimal): Decimal {
  if (right.unscaled === 0n) fail('Division by zero');
  const preferredScale = left.scale - right.scale;
  if (left.unscaled === 0n) return new Decimal(0n, preferredScale);
  return divideExactly(left, right, preferredScale) ?? divideRounded(left, right);
}

function divideExactly(left: Decimal, right: Decimal, preferredScale: number): Decimal | null {
  const divisor = greatestDivisor(left.unscaled, right.unscaled);
  const whole = right.unscaled / divisor;
  let rest = whole < 0n ? -whole : whole;
  let twos = 0;
  let fives = 0;
  for (; rest % 2n === 0n; twos++) rest /= 2n;
  for (; rest % 5n === 0n; fives++) rest /= 5n;
  if (rest !== 1n) return null;
  let digits = Math.max(twos, fives);
  let unscaled = ((left.unscaled / divisor) * powerOfTen(digits)) / whole;
  // Only the digits of the quotient of unscaled values were counted.
  for (; digits > 0 && unscaled % 10n === 0n; digits--) unscaled /= 10n;
  return new Decimal(unscaled, preferredScale + digits);
}

function divideRounded(left: Decimal, right: Decimal): Decimal {
  const precision = Math.max(digitsOf(left.unscaled), digitsOf(right.unscaled)) + 10;
  let scale = precision - digitsOf(left.unscaled) + digitsOf(right.unscaled);
  let unscaled = divideHalfUp(left.unscaled * powerOfTen(scale), right.unscaled);
  for (; digitsOf(unscaled) > precision; scale--) {
    unscaled = divideHalfUp(left.unscaled * powerOfTen(scale - 1), right.unscaled);
  }
  const exact = new Decimal(unscaled, left.scale - right.scale + scale);
  const maxScale = Math.max(left.scale, right.scale, 10);
  if (exact.scale <= maxScale) return exact;
  return new Decimal(divideHalfUp(exact.unscaled, powerOfTen(exact.scale - maxScale)), maxScale);
}

function divideHalfUp(left: bigint, right: bigint): bigint {
  const size = (value: bigint): bigint => (value < 0n ? -value : value);
  const quotient = (2n * size(left) + size(right)) / (2n * size(right));
  return left < 0n === right < 0n ? quotient : -quotient;
}

function digitsOf(value: bigint): number {
  return (value < 0n ? -value : value).toString().length;
}

function greatestDivisor(a: bigint, b: bigint): bigint {
  let [x, y] = [a < 0n ? -a : a, b < 0n ? -b : b];
  while (y !== 0n) [x, y] = [y, x % y];
  return x;
}
