// `npm run build`: compiles every package to its dist/ and notes when, for the launcher.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { markBuilt, root } from './build-state.mjs';

const startedMs = Date.now();
const tsc = join(root, 'node_modules/typescript/bin/tsc');
const result = spawnSync(process.execPath, [tsc, '--build', ...process.argv.slice(2)], {
  cwd: root,
  stdio: 'inherit',
});
if (result.status === 0) markBuilt(startedMs);
process.exitCode = result.status ?? 1;
