import { clientError } from '../errors.ts';

/** A package that only some need, and that they install. Throws INVALID_CONFIG, saying how, when it is not there. */
export async function optionalPackage<T>(
  name: string,
  neededFor: string,
  load: (name: string) => Promise<unknown>,
): Promise<T> {
  try {
    const loaded = (await load(name)) as { default?: T };
    // What is no ES module has its exports there, and not all of them beside it.
    return loaded.default ?? (loaded as T);
  } catch (error) {
    throw clientError(
      'INVALID_CONFIG',
      `${neededFor} needs the package "${name}", which cannot be loaded; install it beside Tributary: npm install ${name}`,
      error,
    );
  }
}
