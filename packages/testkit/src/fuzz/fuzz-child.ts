/** Entry of the process that runs one target: NAME SEED MILLISECONDS FILE. The input being tried stands in FILE behind one character that changes every time. */
import { ftruncateSync, openSync, writeSync } from 'node:fs';
import { runTarget } from './run-target.ts';
import { targets } from './targets.ts';

const [name, seed, durationMs, file] = process.argv.slice(2) as [string, string, string, string];
const target = targets.find((each) => each.name === name);
if (target === undefined) throw new Error(`No target "${name}"`);
const handle = openSync(file, 'r+');
let round = 0;
const result = runTarget(target, {
  seed: Number(seed),
  durationMs: Number(durationMs),
  onInput(input) {
    round = (round + 1) % 26;
    const length = writeSync(handle, String.fromCharCode(97 + round) + input, 0);
    ftruncateSync(handle, length);
  },
});
process.send?.(result, () => process.disconnect());
