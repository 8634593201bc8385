import type { ConfigType } from './config-def.ts';
import { ConfigError } from './errors.ts';
import { javaHashOrder } from './java-hash-order.ts';
import { doubleText } from './java-text.ts';

/** Checks a parsed value. Texts are those of Kafka's `ConfigDef` validators. */
export interface Validator {
  /** As documentation shows it: `[1,...]`. */
  readonly description: string;
  /** ConfigError when the value is refused; null is an explicit or failed value. `type` tells a DOUBLE from whole numbers in error texts. */
  check(name: string, value: unknown, type?: ConfigType): void;
  /** On a list: what a running config does with doubled items is drop them; only validation reports them. */
  readonly dropsDuplicates?: boolean;
}

export function validator(
  description: string,
  check: (name: string, value: unknown, type?: ConfigType) => void,
): Validator {
  return { description, check };
}

/** All of them in order; the first refusal counts. */
export function allOf(...validators: readonly Validator[]): Validator {
  const description = validators.map((each) => each.description).join(', ');
  return validator(description, (name, value, type) => {
    for (const each of validators) each.check(name, value, type);
  });
}

/** Null leaves an end open. */
export function inRange(min: number | null, max: number | null): Validator {
  const description = [min ?? null, '...', max].filter((part) => part !== null).join(',');
  return validator(`[${description}]`, (name, value, type) => {
    if (value === null) throw new ConfigError(name, value, 'Value must be non-null');
    const number = value as number | bigint;
    const shown = type === 'DOUBLE' ? doubleText(value as number) : value;
    if (min !== null && number < min) {
      throw new ConfigError(name, shown, `Value must be at least ${min}`);
    }
    if (max !== null && number > max) {
      throw new ConfigError(name, shown, `Value must be no more than ${max}`);
    }
  });
}

export function oneOf(...choices: readonly string[]): Validator {
  return validator(`[${choices.join(', ')}]`, (name, value) => {
    if (!choices.includes(value as string)) {
      throw new ConfigError(name, value, `String must be one of: ${choices.join(', ')}`);
    }
  });
}

export function oneOfIgnoringCase(...choices: readonly string[]): Validator {
  const upper = javaHashOrder(choices.map((choice) => choice.toUpperCase()));
  return validator(`(case insensitive) [${upper.join(', ')}]`, (name, value) => {
    if (value === null || !upper.includes((value as string).toUpperCase())) {
      const texts = upper.join(', ');
      throw new ConfigError(name, value, `String must be one of (case insensitive): ${texts}`);
    }
  });
}

export function nonNull(): Validator {
  return validator('non-null string', (name, value) => {
    if (value === null) throw new ConfigError(name, value, 'entry must be non null');
  });
}

export function nonEmptyString(): Validator {
  return validator('non-empty string', (name, value) => {
    if (value === '') throw new ConfigError(name, value, 'String must be non-empty');
  });
}

/** For names that appear in file names, metrics and logs. */
export function nonEmptyWithoutControlChars(): Validator {
  return validator('non-empty string without ISO control characters', (name, value) => {
    // Null is left to the check for missing values.
    if (value === null) return;
    const text = value as string;
    if (text === '') throw new ConfigError(name, value, 'String may not be empty');
    const codes = [...text].map((char) => char.codePointAt(0) as number).filter(isIsoControl);
    if (codes.length > 0) {
      throw new ConfigError(
        name,
        value,
        `String may not contain control sequences but had the following ASCII chars: ${codes.join(', ')}`,
      );
    }
  });
}

export function maxListSize(maxSize: number): Validator {
  return validator(`List containing maximum of ${maxSize} elements`, (name, value) => {
    if (value !== null && (value as readonly string[]).length > maxSize) {
      throw new ConfigError(name, value, `exceeds maximum list size of [${maxSize}].`);
    }
  });
}

/** A list without doubled or empty items. */
export function anyNonDuplicateValues(isEmptyAllowed: boolean, isNullAllowed: boolean): Validator {
  return {
    description: '',
    dropsDuplicates: true,
    check(name, value) {
      checkList(name, value, isEmptyAllowed, isNullAllowed, 'any non-empty value');
    },
  };
}

/** A list of some of the choices. */
export function listOf(isEmptyAllowed: boolean, ...choices: readonly string[]): Validator {
  const items = oneOf(...choices);
  return {
    description: `[${choices.join(', ')}]`,
    dropsDuplicates: true,
    check(name, value) {
      checkList(name, value, isEmptyAllowed, false, `[${choices.join(', ')}]`, items);
    },
  };
}

function checkList(
  name: string,
  value: unknown,
  isEmptyAllowed: boolean,
  isNullAllowed: boolean,
  validText: string,
  itemValidator?: Validator,
): void {
  if (value === null) {
    if (isNullAllowed) return;
    throw new ConfigError(`Configuration '${name}' values must not be null.`);
  }
  const items = value as readonly string[];
  if (items.length === 0 && !isEmptyAllowed) {
    throw new ConfigError(
      `Configuration '${name}' must not be empty. Valid values include: ${validText}`,
    );
  }
  if (new Set(items).size < items.length) {
    throw new ConfigError(`Configuration '${name}' values must not be duplicated.`);
  }
  for (const item of items) {
    if (item === '') throw new ConfigError(`Configuration '${name}' values must not be empty.`);
    itemValidator?.check(name, item);
  }
}

function isIsoControl(code: number): boolean {
  return code <= 0x1f || (code >= 0x7f && code <= 0x9f);
}
