// Plain JavaScript for whatever Node is on the machine: from bin/tributary to the command on the pinned Node.
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { isBuildFresh, root } from './build-state.mjs';
import { ensureInstalled, pinnedNode } from './ensure-installed.mjs';

const forwarded = ['SIGINT', 'SIGTERM', 'SIGHUP'];

/** Runs the command to its end: in this process when it can be, else in a process in its place. */
export async function launch(args) {
  try {
    ensureInstalled();
  } catch (error) {
    console.error(`tributary: ${error.message}`);
    process.exitCode = 1;
    return;
  }
  // Modules that were compiled before start three times as fast, also in the task hosts. Never in a folder that others may write to.
  process.env.NODE_COMPILE_CACHE ??= join(root, '.cache/compile');
  const isBuilt = isBuildFresh();
  const entry = join(root, 'packages/cli', isBuilt ? 'dist/main.js' : 'src/main.ts');
  if (isBuilt && process.versions.node === pinnedVersion()) {
    await import(pathToFileURL(entry).href);
    return;
  }
  const nodeArgs = isBuilt ? [entry, ...args] : ['--conditions=@tributary/source', entry, ...args];
  if (typeof process.execve === 'function' && process.platform !== 'win32') {
    becomeNode(nodeArgs);
  } else {
    runNode(nodeArgs);
  }
}

function pinnedVersion() {
  return JSON.parse(readFileSync(join(root, 'node_modules/node/package.json'), 'utf8')).version;
}

/** Same process id, so that whoever started the launcher signals and kills the worker itself. Does not return. */
function becomeNode(nodeArgs) {
  process.removeAllListeners('warning');
  process.execve(pinnedNode, [pinnedNode, ...nodeArgs], process.env);
}

/**
 * Where this Node cannot replace itself: a child that shares the terminal, gets our signals and gives us its end. It ends itself when its
 * channel to us closes (main.ts), so that it does not outlive a launcher that was killed.
 */
function runNode(nodeArgs) {
  const child = spawn(pinnedNode, nodeArgs, {
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
  });
  const listeners = forwarded.map((signal) => {
    const listener = () => child.kill(signal);
    process.on(signal, listener);
    return { signal, listener };
  });
  child.once('error', (error) => {
    console.error(`tributary: cannot start ${pinnedNode}: ${error.message}`);
    process.exitCode = 1;
  });
  child.once('exit', (code, signal) => {
    for (const { signal: name, listener } of listeners) process.off(name, listener);
    if (signal === null) process.exitCode = code;
    else process.kill(process.pid, signal);
  });
}
