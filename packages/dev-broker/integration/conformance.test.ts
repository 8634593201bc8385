import { brokerKinds, hasJavaCompiler, requireOrSkip, type TestBroker } from '@tributary/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cases } from './conformance/cases.ts';
import { javaCases, runJavaCases } from './conformance/java-judge.ts';
import type { Judge } from './conformance/judge.ts';
import { kafkajsJudge } from './conformance/kafkajs-judge.ts';
import { readMixedCodecs } from './conformance/mixed-codecs.ts';
import { ourJudge } from './conformance/our-judge.ts';
import { platformaticJudge } from './conformance/platformatic-judge.ts';

const judges = [
  { name: '@tributary/kafka', open: ourJudge },
  { name: 'kafkajs', open: kafkajsJudge },
  { name: '@platformatic/kafka', open: platformaticJudge },
] as const;

/** What a judge cannot do. */
const lacking: Readonly<Record<string, readonly string[]>> = {
  // No codecs of its own, no group.instance.id. It sets offsets too, through a consumer that waits for 5 s: left to the others.
  kafkajs: [
    'round trip, snappy',
    'round trip, lz4',
    'round trip, zstd',
    'static membership',
    'deleted offsets',
  ],
  // Streams are paused as a whole; offsets of a transaction take a consumer with records; added partitions are found with the next rebalance only.
  '@platformatic/kafka': ['paused partition', 'offsets in transactions', 'partitions added'],
};

/** Cases in which a judge is wrong, on every broker, so that they fail. Java is the arbiter: a case is listed here only when it passes there. */
const knownDefects: readonly { judge: string; case: string; defect: string }[] = [
  ...['transactions', 'overlapping transactions', 'aborted over many fetches'].map((title) => ({
    judge: '@platformatic/kafka',
    case: title,
    defect: 'hands out records of aborted transactions under read_committed',
  })),
  {
    judge: '@platformatic/kafka',
    case: 'fenced producer',
    defect: 'a new producer names producer id 0 as its own and is fenced itself',
  },
  {
    judge: '@platformatic/kafka',
    case: 'broker timestamps',
    defect: "gives the producer's timestamps of a log that has the broker's",
  },
  {
    judge: '@platformatic/kafka',
    case: 'static membership',
    defect: 'a static member leaves the group when it is closed',
  },
];

const brokerConfig = { 'log.cleaner.backoff.ms': '100', 'auto.create.topics.enable': 'false' };
const hasJava = requireOrSkip(
  'Java compiler',
  await hasJavaCompiler(),
  'apt-get install openjdk-17-jdk-headless',
);

describe.for(await brokerKinds())('on $name', (kind) => {
  let broker: TestBroker;
  // The Java cases run beside the others: topics and groups are never the same.
  let javaOutcomes: Promise<Map<string, string>>;
  beforeAll(async () => {
    if (!kind.isAvailable) return;
    broker = await kind.start(brokerConfig);
    if (!hasJava) return;
    javaOutcomes = runJavaCases(broker.bootstrapServers);
    javaOutcomes.catch(() => {});
  });
  afterAll(() => broker?.[Symbol.asyncDispose]());

  describe.runIf(kind.isAvailable).for(judges)('$name', ({ name, open }) => {
    let judge: Judge;
    beforeAll(async () => {
      judge = await open(broker.bootstrapServers);
    });
    afterAll(() => judge?.[Symbol.asyncDispose]());

    for (const [title, run] of Object.entries(cases)) {
      if (lacking[name]?.includes(title)) continue;
      const defect = knownDefects.find((one) => one.judge === name && one.case === title);
      if (defect === undefined) it(title, () => run(judge));
      else it.fails(`${title} (fails: ${defect.defect})`, () => run(judge));
    }
  });

  it.runIf(kind.isAvailable)('each reads what the others wrote, codec by codec', async () => {
    const [our, kafkajs, platformatic] = await Promise.all([
      ourJudge(broker.bootstrapServers),
      kafkajsJudge(broker.bootstrapServers),
      platformaticJudge(broker.bootstrapServers),
    ]);
    await using _ended = {
      async [Symbol.asyncDispose]() {
        for (const each of [our, kafkajs, platformatic]) await each[Symbol.asyncDispose]();
      },
    };
    await readMixedCodecs([our, kafkajs, platformatic], [our, platformatic]);
    await readMixedCodecs([our, kafkajs, platformatic], [our, kafkajs, platformatic]);
  });

  describe.runIf(kind.isAvailable && hasJava)("Apache Kafka's clients", () => {
    it.for(javaCases)('%s', { timeout: 420_000 }, async (title) => {
      expect((await javaOutcomes).get(title)).toBe('ok');
    });
  });
});
