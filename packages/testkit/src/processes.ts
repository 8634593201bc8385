import { readdirSync, readFileSync } from 'node:fs';

/** A zombie counts as alive: somebody has not awaited it. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** Process ids. Linux only: read from /proc. */
export function childrenOf(parent: number): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => Number(/^PPid:\t(\d+)/m.exec(readProc(pid, 'status'))?.[1]) === parent);
}

/** Process ids of the task hosts of a control process. */
export function taskHostsOf(controlPid: number): number[] {
  return childrenOf(controlPid).filter((pid) => readProc(pid, 'cmdline').includes('task-host'));
}

function readProc(pid: number, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8');
  } catch {
    return '';
  }
}
