import type { Resolved } from '../plugins/resolved-config.ts';
import type { StoredConfig } from '../storage/config-store.ts';
import type { ValidationResult } from './validation-result.ts';

/** A validation answers with references where the config has them, not with the values that were validated. (no I/O) */
export function hideValues(
  result: ValidationResult,
  config: StoredConfig,
  resolved: Resolved<string | null>,
): ValidationResult {
  if (resolved.keys.size === 0) return result;
  const configs = result.configs.map(({ definition, value }) => {
    const reference = resolved.keys.has(value.name) ? config[value.name] : undefined;
    const used = resolved.config[value.name];
    const hide = (text: string): string => {
      const isQuoted = reference != null && text.startsWith(`Invalid value ${used} for `);
      const rest = `Invalid value ${used}`.length;
      return resolved.hide(isQuoted ? `Invalid value ${reference}${text.slice(rest)}` : text);
    };
    const isShown = value.value !== null && value.value !== '[hidden]';
    const shown = reference != null && isShown ? reference : value.value;
    const hideName = (name: string): string => hideAlias(name, resolved);
    return {
      definition: definition && {
        ...definition,
        name: hideName(definition.name),
        group: definition.group && hideName(definition.group),
        dependents: definition.dependents.map(hideName),
      },
      value: {
        ...value,
        name: hideName(value.name),
        value: shown,
        recommended_values: value.recommended_values.map(hideName),
        errors: value.errors.map(hide),
      },
    };
  });
  const groups = result.groups.map((group) => hideAlias(group, resolved));
  return { ...result, groups, configs };
}

/** Keys and groups that are named by the value of another key, such as `transforms`; the names of all others are no secret. */
function hideAlias(name: string, { hide }: Pick<Resolved, 'hide'>): string {
  const family = /^(?:transforms\.|predicates\.|topic\.creation\.|Transforms: |Predicates: )/.exec(
    name,
  )?.[0];
  return family === undefined ? name : family + hide(name.slice(family.length));
}
