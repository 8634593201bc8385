import { readFileSync } from 'node:fs';
import type { Corpus, FuzzTarget } from './fuzz-target.ts';
import { mutate } from './mutate.ts';
import { createRandom } from './random.ts';

export interface Finding {
  readonly target: string;
  /** `slow`: more than `maxMillis` for one input. */
  readonly kind: 'error' | 'slow';
  readonly detail: string;
  /** As short as it could be made. */
  readonly input: string;
}

export interface RunOptions {
  readonly seed: number;
  /** Ends after so many inputs, */
  readonly maxInputs?: number;
  /** and after this time. */
  readonly durationMs?: number;
  /** Told of every input before it runs: whoever watches from outside knows which one did not end. */
  onInput?(input: string): void;
}

export interface RunResult {
  readonly inputs: number;
  readonly findings: readonly Finding[];
}

const maxMillis = 100;
const maxFindings = 10;
const maxPool = 2000;

/**
 * The corpus as it is, then texts mutated from it, until there were enough. The same seed gives the same texts in the same order.
 * Texts with a new answer join those that are mutated.
 */
export function runTarget(target: FuzzTarget, options: RunOptions): RunResult {
  const random = createRandom(options.seed);
  const { words, inputs: corpus } = readCorpus(target.name);
  const pool: string[] = [''];
  const answers = new Set<string>();
  const findings = new Map<string, Finding>();
  const { maxInputs = Infinity, durationMs = Infinity } = options;
  const end = performance.now() + durationMs;
  let inputs = 0;
  while (inputs < corpus.length || (inputs < maxInputs && performance.now() < end)) {
    const input = corpus[inputs] ?? mutate(random.pick(pool), random.pick(pool), words, random);
    inputs += 1;
    options.onInput?.(input);
    const outcome = tryInput(target, input);
    if (outcome.problem !== null) {
      const key = `${outcome.problem.kind} ${outcome.problem.key}`;
      if (!findings.has(key)) findings.set(key, toFinding(target, input, outcome.problem));
      if (findings.size >= maxFindings) break;
    } else if (!answers.has(outcome.answer) && answers.size < maxPool) {
      answers.add(outcome.answer);
      pool.push(input);
    } else if (inputs <= corpus.length) pool.push(input);
  }
  return { inputs, findings: [...findings.values()] };
}

function readCorpus(name: string): Corpus {
  return JSON.parse(readFileSync(new URL(`corpus/${name}.json`, import.meta.url), 'utf8'));
}

interface Problem {
  readonly kind: Finding['kind'];
  /** The same for all inputs that show the same problem. */
  readonly key: string;
  readonly detail: string;
}

type Outcome = { answer: string; problem: null } | { problem: Problem };

function tryInput(target: FuzzTarget, input: string): Outcome {
  const start = cpuMillis();
  try {
    const answer = target.run(input);
    const isSlow = cpuMillis() - start > maxMillis && isSlowAgain(target, input);
    return isSlow ? { problem: slow } : { answer, problem: null };
  } catch (error) {
    const { message, stack } = error as Error;
    const place = /\(?([\w.-]+\.ts:\d+)/.exec(stack ?? '')?.[1] ?? '';
    return { problem: { kind: 'error', key: place, detail: stack ?? message } };
  }
}

const slow: Problem = { kind: 'slow', key: '', detail: `took more than ${maxMillis} ms` };

/** The first time code may have been compiled or garbage collected. */
function isSlowAgain(target: FuzzTarget, input: string): boolean {
  for (let attempt = 0; attempt < 3; attempt++) {
    const start = cpuMillis();
    target.run(input);
    if (cpuMillis() - start <= maxMillis) return false;
  }
  return true;
}

/** Of this thread alone: others on the machine cost an input nothing. */
function cpuMillis(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}

function toFinding(target: FuzzTarget, input: string, problem: Problem): Finding {
  const short = problem.kind === 'slow' ? input : shorten(target, input, problem);
  return { target: target.name, kind: problem.kind, detail: problem.detail, input: short };
}

/** Leaves out ever smaller parts as long as the same problem shows. */
function shorten(target: FuzzTarget, input: string, problem: Problem): string {
  let best = input;
  let attempts = 500;
  for (let size = best.length >> 1; size > 0; size >>= 1) {
    for (let from = 0; from < best.length && attempts > 0; attempts--) {
      const shorter = best.slice(0, from) + best.slice(from + size);
      const outcome = tryInput(target, shorter);
      if (outcome.problem?.key === problem.key) best = shorter;
      else from += size;
    }
  }
  return best;
}
