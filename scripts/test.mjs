// `npm test`: the checks, then unit and integration tests. With arguments: vitest alone, with them.
// Ends with one line, `N passed, N failed`, over all of it; with TRIBUTARY_REQUIRE=all a skipped test is a failed one.
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './build-state.mjs';
import { runChecks } from './checks.mjs';

const results = join(root, '.cache/test-results');
const summaryFile = join(results, 'summary.txt');
mkdirSync(results, { recursive: true });
rmSync(summaryFile, { force: true });

const args = process.argv.slice(2);
const checks = args.length === 0 ? await runChecks() : { passed: [], failed: [] };
const tests = runTests(args);

const isSkipFailure = process.env.TRIBUTARY_REQUIRE === 'all';
const passed = checks.passed.length + tests.passed;
const failed = checks.failed.length + tests.failed + (isSkipFailure ? tests.skipped : 0);
for (const name of checks.failed) console.log(`failed check: ${name}`);
for (const problem of tests.problems) console.log(`failed: ${problem}`);
if (tests.skipped > 0) {
  console.log(`${tests.skipped} tests skipped${isSkipFailure ? ', counted as failed' : ''}`);
}
const summary = `${passed} passed, ${failed} failed`;
writeFileSync(summaryFile, `${summary}\n`);
console.log(summary);
if (failed > 0 || tests.passed === 0) process.exitCode = 1;

function runTests(vitestArgs) {
  const file = join(results, 'vitest.json');
  rmSync(file, { force: true });
  const vitest = join(root, 'node_modules/vitest/vitest.mjs');
  const { status } = spawnSync(
    process.execPath,
    [
      vitest,
      'run',
      '--reporter=default',
      '--reporter=json',
      `--outputFile.json=${file}`,
      ...vitestArgs,
    ],
    { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] },
  );
  const report = readReport(file);
  if (report === null) {
    return {
      passed: 0,
      failed: 1,
      skipped: 0,
      problems: [`vitest ended with ${status} and left no report`],
    };
  }
  // A file that does not load has no tests to fail, and an error outside every test fails none: both count.
  const broken = report.testResults.filter(
    (result) =>
      result.status === 'failed' &&
      !result.assertionResults.some((test) => test.status === 'failed'),
  );
  const problems = broken.map((result) => `${result.name}: ${result.message}`);
  if (status !== 0 && report.numFailedTests + broken.length === 0) {
    problems.push(`vitest ended with ${status} although no test failed; see its output above`);
  }
  return {
    passed: report.numPassedTests,
    failed: report.numFailedTests + problems.length,
    skipped: report.numPendingTests + report.numTodoTests,
    problems,
  };
}

function readReport(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return null;
  }
}
