/**
 * `npm run fuzz -- [--minutes N (1)] [--only NAME,...] [--seed N]`: mutated inputs for everything that reads what strangers wrote.
 * Each target runs in a process of its own with little memory, killed when one input does not end. Findings are printed with their input, ready for the corpus.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Finding, RunResult } from './run-target.ts';
import { targets } from './targets.ts';

const maxHeapMiB = 256;
const stuckAfterMs = 10_000;

const usage = `npm run fuzz -- [--minutes N] [--only NAME,...] [--seed N]
  --minutes N      for all targets together (1)
  --only NAME,...  of ${targets.map(({ name }) => name).join(', ')}
  --seed N         the same inputs again (by the clock)`;

const { values } = parseArgs({
  options: {
    help: { type: 'boolean', short: 'h', default: false },
    minutes: { type: 'string', default: '1' },
    only: { type: 'string', multiple: true, default: [] },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
  },
});
if (values.help) {
  print(usage);
  process.exit();
}
const only = values.only.flatMap((names) => names.split(','));
const chosen = targets.filter(({ name }) => only.length === 0 || only.includes(name));
const unknown = only.filter((name) => !targets.some((target) => target.name === name));
if (unknown.length > 0) {
  throw new Error(`Unknown: ${unknown}; there are ${targets.map(({ name }) => name)}`);
}
const durationMs = (Number(values.minutes) * 60_000) / chosen.length;
if (!(durationMs > 0)) throw new Error(`--minutes must be above 0, found "${values.minutes}"`);

const folder = mkdtempSync(join(tmpdir(), 'tributary-fuzz-'));
let count = 0;
try {
  for (const { name } of chosen) {
    const { inputs, findings } = await runApart(name);
    print(`${name}: ${inputs} inputs, ${findings.length} findings, seed ${values.seed}`);
    for (const finding of findings) printFinding(finding);
    count += findings.length;
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
print(`${count} findings`);
if (count > 0) process.exitCode = 1;

/** The input being tried stands in a file: after a death or a hang it is the finding. */
async function runApart(name: string): Promise<RunResult> {
  const file = join(folder, name);
  closeSync(openSync(file, 'w'));
  const child = fork(
    new URL('fuzz-child.ts', import.meta.url),
    [name, values.seed, String(durationMs), file],
    { execArgv: [...process.execArgv, `--max-old-space-size=${maxHeapMiB}`] },
  );
  let result: RunResult | null = null;
  child.on('message', (message) => {
    result = message as RunResult;
  });
  const ended = new Promise<string>((resolve) => {
    child.on('exit', (code, signal) => resolve(`the process ended with ${signal ?? code}`));
  });
  const watch = watchInput(child, file);
  const end = await ended;
  clearInterval(watch);
  if (result !== null) return result;
  const input = readFileSync(file, 'utf8').slice(1);
  const detail = `${end}: no memory left, or no end within ${stuckAfterMs} ms`;
  return { inputs: 0, findings: [{ target: name, kind: 'error', detail, input }] };
}

function watchInput(child: ChildProcess, file: string): NodeJS.Timeout {
  let last = '';
  let since = Date.now();
  return setInterval(() => {
    const now = readFileSync(file, 'utf8');
    if (now !== last) {
      last = now;
      since = Date.now();
    } else if (now !== '' && Date.now() - since > stuckAfterMs) {
      child.kill('SIGKILL');
    }
  }, 500);
}

function printFinding({ target, kind, detail, input }: Finding): void {
  print(`\n${target}, ${kind}: ${detail}\ninput: ${JSON.stringify(input)}\n`);
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
