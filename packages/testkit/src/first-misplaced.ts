/**
 * Whether `received` is what at-least-once delivery in order may make of `sent`, the text of `writeLinesFile` or a start of it: every line is there, each
 * follows on the one before it, and a restart goes back to lines that were there before. What a kill tore is the start of a line, on a line of its own, and the line comes again.
 * Null when that holds, else what is wrong. (no I/O)
 * `restarts`: how often a writer may have been killed. A restart repeats a part that may itself go back, and so may seem to go forward: to a line that was there.
 */
export function firstMisplaced(sent: string, received: string, restarts: number): string | null {
  const expected = linesOf(sent);
  const indexes = new Map(expected.map((line, index) => [line, index]));
  let torn = 0;
  let forward = 0;
  let furthest = 0;
  /** Index of the line that should follow; null after an empty line that began a repeated part, as it may be any. */
  let next: number | null = 0;
  for (const line of linesOf(received)) {
    if (line === '') {
      next = next !== null && expected[next] === '' ? next + 1 : null;
      furthest = Math.max(furthest, next ?? 0);
      continue;
    }
    const index = indexes.get(line);
    if (index === undefined) {
      torn += 1;
      if (torn > restarts || !isStartOf(expected, line, furthest)) {
        return `nobody sent this line: ${line.slice(0, 60)}`;
      }
      continue;
    }
    const place = `line ${index} follows on line ${next === null ? '' : next - 1}`;
    if (next === null && expected[index - 1] !== '') return `an empty line precedes line ${index}`;
    if (index > (next ?? index)) {
      forward += 1;
      if (index >= furthest) return `${place}, and lines between them are missing`;
      if (forward > restarts) return `${place}: more than ${restarts} writers`;
    }
    if (index > furthest) return `line ${index} came before line ${furthest}`;
    next = index + 1;
    furthest = Math.max(furthest, next);
  }
  if (furthest < expected.length) return `only ${furthest} of ${expected.length} lines arrived`;
  return null;
}

function linesOf(text: string): string[] {
  const lines = text.split('\n');
  if (lines.at(-1) === '') lines.pop();
  return lines;
}

/** Of a line up to `furthest`. Its last character may be torn, too. */
function isStartOf(expected: readonly string[], piece: string, furthest: number): boolean {
  const start = piece.replace(/\uFFFD+$/, '');
  if (/^\d{0,9}$/.test(start)) return true;
  const number = Number(start.slice(0, 9));
  return number <= furthest && (expected[number]?.startsWith(start) ?? false);
}
