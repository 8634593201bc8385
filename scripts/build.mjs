// `npm run build`: compiles every package to its dist/ and notes when, for the launcher.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { markBuilt, root } from './build-state.mjs';

/** Returns the compiler's exit code. */
export function runBuild() {
  const startedMs = Date.now();
  const tsc = join(root, 'node_modules/typescript/bin/tsc');
  const result = spawnSync(process.execPath, [tsc, '--build'], { cwd: root, stdio: 'inherit' });
  if (result.status === 0) markBuilt(startedMs);
  return result.status ?? 1;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) process.exitCode = runBuild();
