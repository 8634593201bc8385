import { JavaPatternError } from './java-regex-error.ts';
import { minLength, type ParsedPattern, type RegexNode } from './java-regex-syntax.ts';

export interface EmittedPattern {
  /** For the flag v. */
  readonly source: string;
  /** Java's group numbers to JavaScript's, which count the groups that stand in for atomic ones, too. Index 0 is the whole match. */
  readonly groupIndexes: readonly number[];
  /** Java's groups whose content JavaScript forgets or finds differently. */
  readonly unreliableGroups: ReadonlySet<number>;
  /** A repetition may match nothing: both engines accept the same texts, but they may take another part of a longer one. */
  readonly isPartUncertain: boolean;
}

/** Writes a Java regular expression in JavaScript. JavaPatternError for what has no equal. */
export function emitRegex(pattern: string, parsed: ParsedPattern): EmittedPattern {
  const emitter = new Emitter(pattern, parsed);
  return emitter.emit();
}

/** What surrounds a node. */
interface Place {
  /** Within a repetition that can come round again. */
  readonly isRepeated: boolean;
  /** Not every round comes by. */
  readonly isSkippable: boolean;
  /** JavaScript matches look-behinds backwards. */
  readonly isBehind: boolean;
  /** Groups here are empty afterwards, or found otherwise. */
  readonly isHidden: boolean;
  /** Rounds that must be made although each of them may match nothing. */
  readonly emptyRounds: number;
}

const top: Place = {
  isRepeated: false,
  isSkippable: false,
  isBehind: false,
  isHidden: false,
  emptyRounds: 1,
};
/** There are as many ways to go on as ways to spread the text over the rounds. */
const maxEmptyRounds = 20;

class Emitter {
  readonly #pattern: string;
  readonly #root: RegexNode;
  readonly #groupIndexes: number[];
  readonly #unreliable = new Set<number>();
  /** Groups that took part wherever the writing has come to. */
  #set = new Set<number>();
  #groupCount = 0;
  #isPartUncertain = false;
  #firstSpecialAt: number | null = null;

  constructor(pattern: string, parsed: ParsedPattern) {
    this.#pattern = pattern;
    this.#root = parsed.root;
    this.#groupIndexes = Array.from({ length: parsed.groupCount + 1 }, () => 0);
  }

  emit(): EmittedPattern {
    const source = this.#write(this.#root, top);
    // What a possessive repetition or a reference takes depends on the part that was found before.
    if (this.#isPartUncertain && this.#firstSpecialAt !== null) {
      throw this.#refusal('A repetition that may match nothing beside this', this.#firstSpecialAt);
    }
    return {
      source,
      groupIndexes: this.#groupIndexes,
      unreliableGroups: this.#unreliable,
      isPartUncertain: this.#isPartUncertain,
    };
  }

  #write(node: RegexNode, place: Place): string {
    switch (node.kind) {
      case 'set':
      case 'place':
        return node.source;
      case 'lineBreak':
        return lineBreak;
      case 'sequence':
        return node.items.map((item) => this.#write(item, place)).join('');
      case 'choice':
        return this.#writeChoice(node.branches, place);
      case 'group':
        return this.#writeGroup(node, place);
      case 'look':
        return this.#writeLook(node, place);
      case 'repeat':
        return this.#writeRepeat(node, place);
      case 'reference':
        return this.#writeReference(node.number, node.at, place);
    }
  }

  #writeChoice(branches: readonly RegexNode[], place: Place): string {
    const before = this.#set;
    const afterBranches: Set<number>[] = [];
    const texts = branches.map((branch) => {
      this.#set = new Set(before);
      const text = this.#write(branch, { ...place, isSkippable: true });
      afterBranches.push(this.#set);
      return text;
    });
    this.#set = new Set(
      [...(afterBranches[0] ?? [])].filter((group) => afterBranches.every((set) => set.has(group))),
    );
    return `(?:${texts.join('|')})`;
  }

  #writeGroup(node: Extract<RegexNode, { kind: 'group' }>, place: Place): string {
    if (node.isAtomic)
      return this.#writeAtomic(node.at, place, () => this.#write(node.body, place));
    if (node.number === null) return `(?:${this.#write(node.body, place)})`;
    this.#groupCount += 1;
    this.#groupIndexes[node.number] = this.#groupCount;
    if ((place.isRepeated && place.isSkippable) || place.isHidden)
      this.#unreliable.add(node.number);
    const text = `(${this.#write(node.body, place)})`;
    this.#set.add(node.number);
    return text;
  }

  #writeLook(node: Extract<RegexNode, { kind: 'look' }>, place: Place): string {
    const before = new Set(this.#set);
    const isHidden = place.isHidden || node.isNegative || node.isBehind;
    const isBehind = node.isBehind || place.isBehind;
    const body = this.#write(node.body, { ...place, isBehind, isHidden });
    if (node.isNegative || node.isBehind) this.#set = before;
    return `(?${node.isBehind ? '<' : ''}${node.isNegative ? '!' : '='}${body})`;
  }

  #writeRepeat(node: Extract<RegexNode, { kind: 'repeat' }>, place: Place): string {
    const { body, min, max, mode, at } = node;
    const before = new Set(this.#set);
    const canBeEmpty = minLength(body) === 0;
    const comesRound = max > 1;
    if (canBeEmpty && max > min && !prefersText(body)) this.#isPartUncertain = true;
    const firstRound = this.#firstRound(node);
    const emptyRounds = canBeEmpty && firstRound > 1 ? place.emptyRounds * firstRound : 1;
    if (emptyRounds > maxEmptyRounds) {
      throw this.#refusal(`${emptyRounds} rounds that may match nothing`, at);
    }
    const inner: Place = {
      ...place,
      isRepeated: place.isRepeated || comesRound,
      isSkippable:
        (place.isRepeated && (place.isSkippable || min === 0)) || (comesRound && canBeEmpty),
      isHidden: place.isHidden || (mode === 'possessive' && min === 0),
      emptyRounds,
    };
    const limits = limitsText(firstRound, max);
    const repeat = (): string =>
      `(?:${isLineBreak(body) ? wholeLineBreak : this.#write(body, inner)})${limits}${mode === 'lazy' && min < max ? '?' : ''}`;
    const text = mode === 'possessive' ? this.#writeAtomic(at, place, repeat) : repeat();
    if (min === 0) this.#set = before;
    return text;
  }

  /** `min`, or 0 where it comes to the same: Java makes as many rounds as it must by matching nothing. */
  #firstRound({ body, min, max, mode }: Extract<RegexNode, { kind: 'repeat' }>): number {
    const countsNothing = mode !== 'lazy' || min === max;
    return countsNothing && canBeLeftOut(body) && prefersText(body) ? 0 : min;
  }

  /** A look-ahead is never entered again: what it captured is then taken as a whole. */
  #writeAtomic(at: number, place: Place, writeBody: () => string): string {
    if (place.isBehind) throw this.#refusal('An atomic group within a look-behind', at);
    this.#firstSpecialAt ??= at;
    this.#groupCount += 1;
    const index = this.#groupCount;
    return `(?:(?=(${writeBody()}))\\${index})`;
  }

  /** Of a group that took no part JavaScript matches nothing, where Java fails. */
  #writeReference(number: number, at: number, place: Place): string {
    if (number >= this.#groupIndexes.length) return '(?!)';
    const isSure = this.#set.has(number) && !this.#unreliable.has(number) && !place.isBehind;
    if (!isSure)
      throw this.#refusal('A reference to a group that may have matched nothing yet', at);
    this.#firstSpecialAt ??= at;
    return `(?:\\${this.#groupIndexes[number]})`;
  }

  #refusal(what: string, at: number): JavaPatternError {
    return new JavaPatternError(`${what} cannot be translated`, this.#pattern, at);
  }
}

const lineBreak = String.raw`(?:\u{d}\u{a}|[\u{a}-\u{d}\u{85}\u{2028}\u{2029}])`;
/** Where it is repeated Java does not part the two characters of one line break. */
const wholeLineBreak = String.raw`\u{d}\u{a}|(?!\u{d}\u{a})[\u{a}-\u{d}\u{85}\u{2028}\u{2029}]`;

function isLineBreak(node: RegexNode): boolean {
  return node.kind === 'lineBreak';
}

/**
 * Whether a node that may match nothing does so only when nothing else fits. Then it makes no difference that JavaScript ends a repetition at a round without
 * text, where Java counts that round.
 */
function prefersText(node: RegexNode): boolean {
  switch (node.kind) {
    case 'sequence':
      return node.items.every(prefersText);
    case 'choice':
      return node.branches.every(
        (branch, index) =>
          minLength(branch) > 0 || (index === node.branches.length - 1 && prefersText(branch)),
      );
    case 'group':
      return prefersText(node.body);
    case 'repeat':
      return minLength(node) > 0 || (node.mode !== 'lazy' && prefersText(node.body));
    case 'reference':
      return false;
    case 'set':
    case 'lineBreak':
    case 'place':
    case 'look':
      return true;
  }
}

/** Whether a node may match nothing at any place, and nobody sees whether it did. */
function canBeLeftOut(node: RegexNode): boolean {
  switch (node.kind) {
    case 'sequence':
      return node.items.every(canBeLeftOut);
    case 'choice':
      return node.branches.some(canBeLeftOut) && !node.branches.some(captures);
    case 'group':
      return node.number === null && !node.isAtomic && canBeLeftOut(node.body);
    case 'repeat':
      // A possessive one takes nothing only where its body does not match.
      if (node.mode === 'possessive') return false;
      return (node.min === 0 && !captures(node.body)) || canBeLeftOut(node.body);
    case 'set':
    case 'lineBreak':
    case 'place':
    case 'look':
    case 'reference':
      return false;
  }
}

function captures(node: RegexNode): boolean {
  switch (node.kind) {
    case 'sequence':
      return node.items.some(captures);
    case 'choice':
      return node.branches.some(captures);
    case 'group':
      return node.number !== null || captures(node.body);
    case 'repeat':
    case 'look':
      return captures(node.body);
    default:
      return false;
  }
}

function limitsText(min: number, max: number): string {
  return max === Number.POSITIVE_INFINITY ? `{${min},}` : `{${min},${max}}`;
}
