import { ConnectError } from './errors.ts';

/** Text that should be a number and is none. */
export class NumberFormatError extends ConnectError {
  static override readonly kind: string = 'NumberFormatError';
  static override readonly javaName: string = 'java.lang.NumberFormatException';

  /** Names the first character that no decimal number can have there. */
  static forDecimal(text: string): NumberFormatError {
    const valid = /^[+-]?\d*\.?\d*/.exec(text)?.[0] ?? '';
    const char = text[valid.length];
    return new NumberFormatError(
      char === undefined || /[eE]/.test(char)
        ? `Not a decimal number: "${text}"`
        : `Character ${char} is neither a decimal digit number, decimal point, nor "e" notation exponential mark.`,
    );
  }
}
