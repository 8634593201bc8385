import { type ConfigKey, string } from '@tributary/sdk';

/** Put in by the runtime: what the converter is used for. */
export const converterType: ConfigKey<'converter.type', string> = string('converter.type', {
  importance: 'LOW',
  oneOf: ['key', 'value', 'header'],
  doc: 'What the converter is used for; set by the worker.',
});

/** The config that a converter used directly gets; `configure` of Kafka Connect leaves out `converter.type`. */
export function withType(
  config: Readonly<Record<string, string>>,
  type: 'key' | 'value' | 'header',
): Readonly<Record<string, string>> {
  return config['converter.type'] === undefined ? { ...config, 'converter.type': type } : config;
}
