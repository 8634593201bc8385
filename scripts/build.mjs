// `npm run build`: compiles every package to its dist/, bundles those that are loaded most, and notes when, for the launcher.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { markBuilt, root } from './build-state.mjs';
import { bundlePackages } from './bundle.mjs';

/** Returns the compiler's exit code. */
export async function runBuild() {
  const startedMs = Date.now();
  const tsc = join(root, 'node_modules/typescript/bin/tsc');
  const result = spawnSync(process.execPath, [tsc, '--build'], { cwd: root, stdio: 'inherit' });
  if (result.status !== 0) return result.status ?? 1;
  await bundlePackages();
  markBuilt(startedMs);
  return 0;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href)
  process.exitCode = await runBuild();
