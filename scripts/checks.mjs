// The checks beside the tests, each counted as one: types, lint, format, direction of dependencies, unused code.
import { spawn } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { root } from './build-state.mjs';

const checks = [
  { name: 'types', command: ['tsc', '--project', 'tsconfig.check.json'] },
  { name: 'lint', command: ['oxlint', '--type-aware', '--tsconfig', 'tsconfig.check.json'] },
  { name: 'format', command: ['biome', 'check', '--error-on-warnings'] },
  {
    name: 'direction of dependencies',
    command: ['depcruise', 'packages', 'connectors', '--config', '.dependency-cruiser.mjs'],
    // Without a parser for TypeScript it would find nothing, and nothing wrong.
    isProven: (output) => /\([1-9]\d* modules, [1-9]\d* dependencies cruised\)/.test(output),
  },
  { name: 'unused code', command: ['knip', '--no-progress', '--no-config-hints'] },
];

// Slow, and nothing that a change of code often breaks.
if (process.env.TRIBUTARY_REQUIRE === 'all') {
  checks.push({ name: 'packages as published', command: ['node', 'scripts/check-packages.mjs'] });
}

/** Runs all and prints a line each, with the output of those that failed. Returns the names of both kinds. */
export async function runChecks() {
  const waiting = [...checks];
  const passed = [];
  const failed = [];
  const work = async () => {
    for (let check = waiting.shift(); check !== undefined; check = waiting.shift()) {
      const startedMs = Date.now();
      const { code, output } = await run(check.command);
      const isGood = code === 0 && (check.isProven?.(output) ?? true);
      (isGood ? passed : failed).push(check.name);
      console.log(`${isGood ? '✓' : '✗'} ${check.name} (${Date.now() - startedMs} ms)`);
      if (!isGood) console.log(output);
    }
  };
  await Promise.all(Array.from({ length: Math.min(4, availableParallelism()) }, work));
  return { passed, failed };
}

function run([tool, ...args]) {
  return new Promise((resolve) => {
    const child = spawn(join(root, 'node_modules/.bin', tool), args, {
      cwd: root,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    child.stdout.on('data', (chunk) => (output += chunk));
    child.stderr.on('data', (chunk) => (output += chunk));
    child.once('error', (error) => resolve({ code: 1, output: error.message }));
    child.once('close', (code) => resolve({ code, output }));
  });
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const { failed } = await runChecks();
  if (failed.length > 0) process.exitCode = 1;
}
