import { configTargets } from './config-targets.ts';
import { converterTarget } from './converter-target.ts';
import type { FuzzTarget } from './fuzz-target.ts';
import { jsonTargets } from './json-targets.ts';
import { patternTargets } from './pattern-targets.ts';
import { valuesTargets } from './values-targets.ts';

export const targets: readonly FuzzTarget[] = [
  ...jsonTargets,
  converterTarget,
  ...valuesTargets,
  ...patternTargets,
  ...configTargets,
];
