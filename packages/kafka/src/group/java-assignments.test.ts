import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { expectAsJava, type JavaRound } from './testing/java-rounds.ts';

/** Made by Apache Kafka's assignors; integration/assignors.test.ts says how and compares many more. */
const rounds = JSON.parse(
  readFileSync(new URL('golden/assignments.json', import.meta.url), 'utf8'),
) as JavaRound[];

describe.for(['range', 'roundrobin', 'sticky', 'cooperative-sticky'])('%s', (assignor) => {
  it("reads and writes metadata as Java's and assigns as it does", () => {
    const own = rounds.filter((round) => round.assignor === assignor);
    expect(own.length).toBeGreaterThan(10);
    for (const round of own) expectAsJava(round);
  });
});
