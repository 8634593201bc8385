import { ExitError } from './exit-error.ts';

/** The port that `option` was given as text. 0 lets the system choose. */
export function parsePort(option: string, text: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
  if (port >= 0 && port <= 65_535) return port;
  throw new ExitError(`${option} is "${text}"; give a port number from 0 to 65535`);
}

/** An option as the user gives it: `npm start` hands on only what stands behind `--`. */
export function asTyped(option: string): string {
  return process.env['npm_lifecycle_event'] === 'start' ? `\`npm start -- ${option}\`` : option;
}
