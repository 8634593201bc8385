import { expect, test } from 'vitest';
import { resolved } from '../plugins/resolved-config.ts';
import { hideValues } from './hide-values.ts';

const raw = { transforms: '${file:/s:names}', 'errors.tolerance': '${file:/s:pad}' };
const facts = resolved({
  raw,
  config: { transforms: 'secret99', 'errors.tolerance': ' padded7 ' },
  replaced: new Map([
    ['${file:/s:names}', 'secret99'],
    ['${file:/s:pad}', ' padded7 '],
  ]),
  ttls: new Map(),
});

function entry(name: string, group: string, value: string | null, errors: string[] = []) {
  const definition = {
    name,
    type: 'STRING',
    required: true,
    default_value: null,
    importance: 'HIGH',
    documentation: '',
    group,
    order_in_group: 0,
    width: 'LONG',
    display_name: '',
    dependents: [name],
  };
  return { definition, value: { name, value, recommended_values: [], errors, visible: true } };
}

test('what is named by the value of a config provider is shown by its reference, as are errors that quote one', () => {
  const result = {
    name: 'c',
    error_count: 2,
    groups: ['Common', 'Transforms: secret99'],
    configs: [
      entry('transforms.secret99.type', 'Transforms: secret99', null, ['no type for secret99']),
      entry('errors.tolerance', 'Error Handling', 'padded7', [
        'Invalid value padded7 for configuration errors.tolerance',
      ]),
    ],
  };
  const shown = hideValues(result, raw, facts);
  expect(JSON.stringify(shown)).not.toMatch(/secret99|padded7/);
  expect(shown.groups).toEqual(['Common', 'Transforms: ${file:/s:names}']);
  expect(shown.configs[0]?.value.name).toBe('transforms.${file:/s:names}.type');
  expect(shown.configs[1]?.definition?.name).toBe('errors.tolerance');
  expect(shown.configs[1]?.value.errors).toEqual([
    'Invalid value ${file:/s:pad} for configuration errors.tolerance',
  ]);
});
