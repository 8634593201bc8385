// `npm run check:packages`: what would be published, as its users get it: manifests and types judged by publint and attw, then all of it installed and started elsewhere.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root } from './build-state.mjs';
import { packAll } from './pack.mjs';

const tarballs = await packAll();
for (const tarball of tarballs) {
  run('publint', [tarball, '--strict']);
  run('attw', [tarball, '--profile', 'esm-only', '--quiet']);
}
startElsewhere();
console.log(`${tarballs.length} packages are fit to publish`);

function startElsewhere() {
  const folder = mkdtempSync(join(tmpdir(), 'tributary-packed-'));
  try {
    writeFileSync(join(folder, 'package.json'), '{ "private": true }\n');
    const options = ['--no-audit', '--no-fund', '--prefer-offline', '--loglevel=error'];
    runIn(folder, 'npm', ['install', ...options, ...tarballs]);
    const bin = join(folder, 'node_modules/.bin/tributary');
    const version = runIn(folder, process.execPath, [bin, '--version']);
    if (!/^\d+[.]\d+[.]\d+$/.test(version.trim()))
      throw new Error(`tributary --version printed "${version}"`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function run(tool, args) {
  return runIn(root, join(root, 'node_modules/.bin', tool), args);
}

function runIn(cwd, file, args) {
  const result = spawnSync(file, args, { cwd, encoding: 'utf8' });
  if (result.status === 0) return result.stdout;
  console.error(
    `${file} ${args.join(' ')}\n${result.stdout ?? ''}${result.stderr ?? result.error}`,
  );
  process.exit(1);
}
