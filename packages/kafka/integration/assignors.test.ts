import {
  createRandom,
  hasJavaCompiler,
  missingForApacheKafka,
  requireOrSkip,
  startJavaProgram,
} from '@tributary/testkit';
import { describe, expect, it } from 'vitest';
import { assignors } from '../src/group/assignors.ts';
import {
  expectAsJava,
  givenBy,
  type JavaRound,
  javaQuestion,
} from '../src/group/testing/java-rounds.ts';
import { createRandomGroup } from '../src/group/testing/random-groups.ts';

const recording = new URL('../src/group/golden/assignments.json', import.meta.url).pathname;
const roundsOfGroup = 4;
const recordedSeeds = 6;
const allSeeds = Number(process.env['TRIBUTARY_SEEDS'] ?? 60);

const missing = await missingForApacheKafka();
const isAvailable =
  requireOrSkip('Apache Kafka', missing === null, missing ?? '') &&
  requireOrSkip(
    'Java compiler',
    await hasJavaCompiler(),
    'apt-get install openjdk-17-jdk-headless',
  );

describe.runIf(isAvailable)("beside Java's", () => {
  it("our assignors answer alike, and Java's still answer as recorded", async () => {
    const rounds = await playGroups(allSeeds);
    const most = allSeeds * Object.keys(assignors).length * roundsOfGroup;
    expect(rounds.length).toBeGreaterThan(most * 0.95);
    for (const { round, title } of rounds) {
      try {
        expectAsJava(round);
      } catch (error) {
        throw new Error(`${title}: ${JSON.stringify(round)}`, { cause: error });
      }
    }
    const recorded = rounds.filter(({ seed }) => seed < recordedSeeds).map(({ round }) => round);
    // A line for each round. Recorded anew with `npx vitest run --project integration packages/kafka/integration/assignors -u`.
    const text = `[\n${recorded.map((round) => JSON.stringify(round)).join(',\n')}\n]\n`;
    await expect(text).toMatchFileSnapshot(recording);
  });
});

interface Played {
  readonly seed: number;
  readonly title: string;
  readonly round: JavaRound;
}

/** Groups of every seed and assignor, round by round; what members hold in a round is what Java's leader gave them in the one before. A group ends early where Java's assignor fails. */
async function playGroups(seeds: number): Promise<Played[]> {
  await using java = await startJavaProgram('assignors/Assignors.java');
  let groups = Array.from({ length: seeds }, (_, seed) =>
    Object.keys(assignors).map((assignor, index) => ({
      title: `seed ${seed}, ${assignor}`,
      seed,
      group: createRandomGroup(assignor, createRandom(seed * 10 + index).below),
      last: null as JavaRound | null,
    })),
  ).flat();
  const played: Played[] = [];
  for (let number = 0; number < roundsOfGroup; number++) {
    const questions = groups.map(({ group, last }) =>
      javaQuestion(group.next(last && givenBy(last))),
    );
    java.send(JSON.stringify(questions));
    const line = await java.lines.next();
    if (line.done) throw new Error(`The Java program ended: ${java.problems}`);
    const answers = JSON.parse(line.value) as (JavaRound['answer'] | null)[];
    for (const [index, one] of groups.entries()) {
      const [question, answer] = [questions[index], answers[index]];
      one.last = question && answer ? { ...question, answer } : null;
      if (one.last === null) continue;
      played.push({ seed: one.seed, title: `${one.title}, round ${number}`, round: one.last });
    }
    groups = groups.filter(({ last }) => last !== null);
  }
  return played;
}
