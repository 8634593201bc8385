import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { runVectors } from './run-vectors.ts';

// `npm run vectors -- [--only KIND,...] FOLDER...`; without a folder the recordings of this package.
const usage = `npm run vectors -- [--only KIND,...] [FOLDER...]
  --only KIND,...  names of files without .json; * stands for any characters
  FOLDER...        where recordings are (those of this repository)`;

const { values, positionals } = parseArgs({
  options: {
    help: { type: 'boolean', short: 'h', default: false },
    only: { type: 'string', multiple: true, default: [] },
  },
  allowPositionals: true,
});
if (values.help) {
  print(usage);
  process.exit();
}
const own = fileURLToPath(new URL('../../vectors', import.meta.url));
const folders = positionals.length > 0 ? positionals : [own];
const only = values.only.flatMap((list) => list.split(',')).filter((kind) => kind !== '');
const { passed, failed } = await runVectors(folders, only, print);
print(`${passed} passed, ${failed} failed`);
if (failed > 0 || passed === 0) process.exitCode = 1;

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
