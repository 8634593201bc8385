// Plain JavaScript for whatever Node is on the machine: runs before anything is installed.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, realpathSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** The Node that the project pins; exists after `ensureInstalled`. */
export const pinnedNode = nodeIn(root);

/**
 * Installs the dependencies when `node_modules` is missing or belongs to another lock file, else does nothing.
 * Returns true when it installed. Throws an Error whose message is for the user.
 */
export function ensureInstalled(folder = root) {
  const stampFile = join(folder, 'node_modules/.tributary-lock-hash');
  const lockHash = hashOf(join(folder, 'package-lock.json'));
  if (readIfThere(stampFile) === lockHash) return false;
  if (isInstalledByHand(folder)) {
    writeFileSync(stampFile, lockHash);
    return false;
  }

  console.error(
    'tributary: installing dependencies with `npm ci` (once per change of package-lock.json) ...',
  );
  const startedMs = Date.now();
  const command = npm(['ci', '--no-audit', '--no-fund', '--loglevel=error']);
  const result = spawnSync(command.file, command.args, {
    cwd: folder,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  if (result.error !== undefined) {
    throw new Error(
      `cannot run npm (${result.error.message}); install npm 10 or newer, then try again`,
    );
  }
  if (result.status !== 0) {
    throw new Error(
      `\`npm ci\` ended with ${result.status ?? result.signal}; see its message above, then try again`,
    );
  }
  if (!existsSync(nodeIn(folder))) {
    throw new Error(
      'npm did not run the install script that fetches the pinned Node; run `npm rebuild node --ignore-scripts=false`, then try again',
    );
  }
  writeFileSync(stampFile, lockHash);
  // Built code starts quicker; where it cannot be built the sources run.
  spawnSync(nodeIn(folder), [join(folder, 'scripts/build.mjs')], { stdio: 'ignore' });
  console.error(`tributary: installed in ${Math.round((Date.now() - startedMs) / 1000)} s`);
  return true;
}

function hashOf(file) {
  return createHash('sha256').update(readFileSync(file)).digest('hex');
}

/** Whoever ran `npm install` or `npm ci` has what the lock file asks for: npm notes in `node_modules` what it put there. */
function isInstalledByHand(folder) {
  const installed = packagesOf(join(folder, 'node_modules/.package-lock.json'));
  const wanted = packagesOf(join(folder, 'package-lock.json'));
  if (installed === null || wanted === null || !existsSync(nodeIn(folder))) return false;
  return Object.entries(wanted).every(([path, { version, link, optional }]) => {
    if (!path.startsWith('node_modules/')) return true;
    const found = installed[path];
    if (found === undefined) return optional === true;
    return found.version === version && found.link === link;
  });
}

function packagesOf(lockFile) {
  const text = readIfThere(lockFile);
  return text === null ? null : JSON.parse(text).packages;
}

function nodeIn(folder) {
  return join(folder, 'node_modules/node/bin', executable('node'));
}

function readIfThere(file) {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return null;
  }
}

/** Inside `npm run`, the npm that is running; else the one on the path. */
function npm(args) {
  const running = process.env.npm_execpath;
  if (running?.endsWith('npm-cli.js')) return { file: process.execPath, args: [running, ...args] };
  return { file: executable('npm', '.cmd'), args };
}

function executable(name, ending = '.exe') {
  return process.platform === 'win32' ? `${name}${ending}` : name;
}

function isMain() {
  return (
    process.argv[1] !== undefined &&
    realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)
  );
}

if (isMain()) {
  try {
    ensureInstalled();
  } catch (error) {
    console.error(`tributary: ${error.message}`);
    process.exitCode = 1;
  }
}
