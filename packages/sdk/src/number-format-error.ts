import { ConnectError } from './errors.ts';

/** Text that should be a number and is none. */
export class NumberFormatError extends ConnectError {
  static override readonly kind: string = 'NumberFormatError';
  static override readonly javaName: string = 'java.lang.NumberFormatException';

  /** Says what keeps `text` from being a decimal number, in the words of java.math.BigDecimal. */
  static forDecimal(text: string): NumberFormatError {
    return new NumberFormatError(decimalProblem(text));
  }
}

function decimalProblem(text: string): string {
  const unsigned = text.replace(/^[+-]/, '');
  const [mantissa] = /^\p{Nd}*\.?\p{Nd}*/u.exec(unsigned) as RegExpExecArray;
  const next = unsigned[mantissa.length];
  if (next === '.') return 'Character array contains more than one decimal point.';
  if (next === 'e' || next === 'E') {
    const problem = exponentProblem(unsigned.slice(mantissa.length + 1));
    if (problem !== null) return problem;
  } else if (next !== undefined) {
    // Java reads what may be too long for 64 bits in another way.
    return unsigned.length > maxShortLength
      ? 'Character array is missing "e" notation exponential mark.'
      : `Character ${next} is neither a decimal digit number, decimal point, nor "e" notation exponential mark.`;
  }
  return /\p{Nd}/u.test(mantissa) ? 'Scale out of range.' : 'No digits found.';
}

const maxShortLength = 18;
const maxExponentDigits = 10;

function exponentProblem(exponent: string): string | null {
  const unsigned = exponent.replace(/^[+-]/, '');
  if (unsigned === '') return 'null';
  let digits = unsigned;
  while (digits.length > maxExponentDigits && digits.startsWith('0')) digits = digits.slice(1);
  if (digits.length > maxExponentDigits) return 'Too many nonzero exponent digits.';
  if (!/^\p{Nd}+$/u.test(digits)) return 'Not a digit.';
  const power = Number(exponent);
  return (power | 0) === power || Number.isNaN(power) ? null : 'Exponent overflow.';
}
