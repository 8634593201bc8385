#!/usr/bin/env node
import { runCommand } from './run-command.ts';

/** A launcher that was killed takes the command with it; otherwise it would run on and hold its ports. */
function endWithLauncher(): void {
  if (process.channel === undefined) return;
  process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'));
  process.channel?.unref();
}

/** Whatever still holds the event loop after a clean stop is not worth waiting for. */
const exitGraceMs = 2000;

endWithLauncher();
process.exitCode = await runCommand(process.argv.slice(2));
setTimeout(() => process.exit(), exitGraceMs).unref();
