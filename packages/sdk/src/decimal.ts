const decimalBrand: unique symbol = Symbol.for('tributary.decimal') as never;

/** An exact decimal number: `unscaled` x 10^-`scale`. 1.0 and 1.00 are different values. Source: java.math.BigDecimal. */
export class Decimal {
  readonly unscaled: bigint;
  readonly scale: number;

  constructor(unscaled: bigint, scale: number) {
    this.unscaled = unscaled;
    this.scale = scale;
  }

  /** Java's BigDecimal syntax; null when `text` is none. */
  static parse(text: string): Decimal | null {
    const match = decimalSyntax.exec(text);
    if (match === null) return null;
    const [, sign, whole = '', fraction = '', exponent = '0'] = match;
    if (whole === '' && fraction === '') return null;
    const power = Number(asciiDigits(exponent));
    const scale = fraction.length - power;
    if (!isInt(power) || !isInt(scale)) return null;
    const unscaled = BigInt(asciiDigits(whole + fraction));
    return new Decimal(sign === '-' ? -unscaled : unscaled, scale);
  }

  /** The shortest decimal that reads back as this double: BigDecimal.valueOf. */
  static fromNumber(value: number): Decimal {
    const parsed = Decimal.parse(Number.isInteger(value) ? doubleDigits(value) : String(value));
    if (parsed === null) throw new RangeError(`Not a decimal number: ${value}`);
    return parsed;
  }

  get sign(): -1 | 0 | 1 {
    if (this.unscaled === 0n) return 0;
    return this.unscaled < 0n ? -1 : 1;
  }

  toNumber(): number {
    return Number(`${this.unscaled}e${-this.scale}`);
  }

  /** Whole part, fraction cut off. */
  toBigInt(): bigint {
    if (this.scale <= 0) return this.unscaled * 10n ** BigInt(-this.scale);
    return this.unscaled / 10n ** BigInt(this.scale);
  }

  equals(other: unknown): boolean {
    if (this === other) return true;
    if (!isDecimal(other)) return false;
    return this.scale === other.scale && this.unscaled === other.unscaled;
  }

  /** As BigDecimal.toString: with an exponent when the scale is negative or the number very small. */
  toString(): string {
    const digits = (this.unscaled < 0n ? -this.unscaled : this.unscaled).toString();
    const sign = this.unscaled < 0n ? '-' : '';
    const exponent = digits.length - 1 - this.scale;
    if (this.scale === 0) return sign + digits;
    if (this.scale > 0 && exponent >= -6) return sign + withPoint(digits, this.scale);
    const mantissa = digits.length === 1 ? digits : `${digits[0]}.${digits.slice(1)}`;
    return `${sign}${mantissa}E${exponent < 0 ? '' : '+'}${exponent}`;
  }

  /** Without an exponent. */
  toPlainString(): string {
    const digits = (this.unscaled < 0n ? -this.unscaled : this.unscaled).toString();
    const sign = this.unscaled < 0n ? '-' : '';
    if (this.scale > 0) return sign + withPoint(digits, this.scale);
    return digits === '0' ? '0' : sign + digits + '0'.repeat(-this.scale);
  }

  get [decimalBrand](): true {
    return true;
  }
}

const decimalSyntax = /^([+-]?)(\p{Nd}*)(?:\.(\p{Nd}*))?(?:[eE]([+-]?\p{Nd}+))?$/u;

function isInt(value: number): boolean {
  return (value | 0) === value;
}

export function isDecimal(value: unknown): value is Decimal {
  return typeof value === 'object' && value !== null && decimalBrand in value;
}

function withPoint(digits: string, scale: number): string {
  const padded = digits.padStart(scale + 1, '0');
  return `${padded.slice(0, -scale)}.${padded.slice(-scale)}`;
}

/** BigDecimal.valueOf(100.0) is 100.0: whole doubles keep one digit behind the point. */
function doubleDigits(value: number): string {
  if (Math.abs(value) < 1e7) return `${value}.0`;
  const [mantissa = '', exponent] = value.toExponential().split('e');
  return `${mantissa.includes('.') ? mantissa : `${mantissa}.0`}e${exponent}`;
}

/** Digits of any script count in Java. */
export function asciiDigits(text: string): string {
  return text.replace(/(?![0-9])\p{Nd}/gu, (digit) => String(unicodeDigitValue(digit)));
}

/** Decimal digits come in runs of ten with rising code points. */
function unicodeDigitValue(digit: string): number {
  let code = digit.codePointAt(0) as number;
  let value = 0;
  while (value < 9 && /\p{Nd}/u.test(String.fromCodePoint(code - 1))) {
    code -= 1;
    value += 1;
  }
  return value;
}
