import { numberAsText, parseJson, requireObject, scalarText } from './json.ts';

/** A connector config as REST takes it: scalars as strings, null where JSON had null. */
export type ConfigMap = Record<string, string | null>;

export function parseConfigMap(body: Uint8Array): ConfigMap {
  return toConfigMap(parseJson(body, numberAsText));
}

export function toConfigMap(value: unknown): ConfigMap {
  const members = Object.entries(requireObject(value, 'a config'));
  return Object.fromEntries(
    members.map(([key, member]) => [key, scalarText(member, `the value of "${key}"`)]),
  );
}
