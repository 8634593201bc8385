import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { childrenOf } from '@tributary/testkit';

const sampleMs = 20;

export interface MeasuredRun {
  readonly stdout: string;
  /** User and system time of the whole process, its start included. */
  readonly cpuSeconds: number;
  /** Largest resident size that was seen, in bytes. */
  readonly peakBytes: number;
}

export interface Result extends MeasuredRun {
  readonly recordsPerSecond: number;
}

/** Runs a program to its end. A shell counts its CPU time to the millisecond, as its parent; memory is the kernel's own peak. Linux only. */
export async function runMeasured(
  command: string,
  args: readonly string[],
  timeoutMs: number,
): Promise<MeasuredRun> {
  const shell = spawn('bash', ['-c', '"$@" || exit; times', 'bash', command, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const pid = shell.pid ?? -1;
  let stdout = '';
  let stderr = '';
  let peakBytes = 0;
  shell.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
  shell.stderr.on('data', (chunk: Buffer) => (stderr = (stderr + chunk.toString()).slice(-4000)));
  const sampler = setInterval(() => {
    for (const child of childrenOf(pid)) peakBytes = Math.max(peakBytes, peakOf(child));
  }, sampleMs);
  const deadline = setTimeout(() => {
    for (const child of childrenOf(pid)) process.kill(child, 'SIGKILL');
  }, timeoutMs);
  const code = await new Promise<number | null>((resolve, reject) => {
    shell.once('error', reject);
    shell.once('close', resolve);
  }).finally(() => {
    clearInterval(sampler);
    clearTimeout(deadline);
  });
  if (code !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${code}:\n${stderr}`);
  const lines = stdout.trimEnd().split('\n');
  const times = /^(\d+)m([\d.]+)s (\d+)m([\d.]+)s$/.exec(lines.at(-1) ?? '');
  if (times === null) throw new Error(`no times at the end of: ${stdout.slice(-400)}`);
  const [, userMinutes, user, systemMinutes, system] = times.map(Number);
  const minutes = (userMinutes ?? 0) + (systemMinutes ?? 0);
  return {
    stdout: lines.slice(0, -2).join('\n'),
    cpuSeconds: minutes * 60 + (user ?? 0) + (system ?? 0),
    peakBytes,
  };
}

function peakOf(pid: number): number {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    // A process that is ending has no memory any more.
    return Number(/^VmHWM:\s+(\d+)/m.exec(status)?.[1] ?? 0) * 1024;
  } catch {
    return 0;
  }
}
