import { describe, expect, it } from 'vitest';
import { groupSetting, groupStory } from './simulation/group-story.ts';
import { produceSetting, produceStory } from './simulation/produce-story.ts';
import { transactionSetting, transactionStory } from './simulation/transaction-story.ts';
import { runStory, type Setting, type World } from './simulation/world.ts';

// Clients and brokers in one process, in virtual time, over connections in memory: what happens depends on the seed alone.
// TRIBUTARY_SEEDS=200: as many seeds of each story. TRIBUTARY_SEED=17: that one alone. TRIBUTARY_TRACE=requests: print what happens.

interface Story {
  readonly name: string;
  readonly setting: Setting;
  play(world: World): Promise<void>;
}

const stories: readonly Story[] = [
  {
    name: 'idempotent producers: nothing lost, nothing twice, order kept',
    setting: produceSetting,
    play: (world) => produceStory(world, true),
  },
  {
    name: 'producers without idempotence: nothing lost, order kept',
    setting: produceSetting,
    play: (world) => produceStory(world, false),
  },
  {
    name: 'transactions: each record read once, in order, nothing aborted',
    setting: transactionSetting,
    play: transactionStory,
  },
  {
    name: 'a group: no partition owned twice, no record left out, no commit too far',
    setting: groupSetting,
    play: groupStory,
  },
];

const { TRIBUTARY_SEED: oneSeed, TRIBUTARY_SEEDS: seedCount = '50' } = process.env;
const seeds =
  oneSeed === undefined
    ? Array.from({ length: Number(seedCount) }, (_, index) => index + 1)
    : [Number(oneSeed)];

describe.for(stories)('$name', (story) => {
  it.for(seeds)('seed %i', async (seed) => {
    await run(story, seed);
  });

  it('plays the same each time, whatever was played between', async () => {
    const hashes = [];
    for (const seed of [1, 2, 3, 1, 2, 3]) hashes.push(await run(story, seed));
    expect(hashes.slice(3)).toEqual(hashes.slice(0, 3));
    expect(new Set(hashes).size).toBe(3);
  });
});

async function run({ name, setting, play }: Story, seed: number): Promise<string> {
  try {
    return await runStory(seed, setting, play);
  } catch (error) {
    const replay = `TRIBUTARY_SEED=${seed} npx vitest run --project integration packages/kafka/integration/random-faults.test.ts -t "${name}.*seed"`;
    (error as Error).message += `\nSeed ${seed}. To see it again: ${replay}`;
    throw error;
  }
}
