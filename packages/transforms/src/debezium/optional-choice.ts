import { oneOf, type Validator, validator } from '@tributary/sdk';

/** One of the texts, or none at all. */
export function optionalChoice(...choices: readonly string[]): Validator {
  const choice = oneOf(...choices);
  return validator(choice.description, (name, value) => {
    if (value !== null) choice.check(name, value);
  });
}
