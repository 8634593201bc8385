import { readFileSync } from 'node:fs';
import { ConfigError, DataError, type SourceRecord } from '@tributary/sdk';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { scriptRecords } from '../../testing/script-records.ts';
import { contentBasedRouter, debeziumFilter } from '../scripting.ts';

/**
 * Language, record, key, expression and what Debezium 3.1.3 made of it with Groovy 4.0.27, GraalJS 22.3.5 and Nashorn 15.4: whether the record is kept, its topic ('null' for the one
 * it had), or that it fails. A sixth member where we differ: the expression is refused when it is configured, it fails for the record, or it works where Java fails.
 */
type Answer = [string, string, 'condition' | 'topic.expression', string, string, string?];

const answers = JSON.parse(
  readFileSync(new URL('golden/java-answers.json', import.meta.url), 'utf8'),
) as Answer[];

function ask(
  language: string,
  key: Answer[2],
  expression: string,
  record: SourceRecord = scriptRecords['update'] as SourceRecord,
): string {
  const plugin = key === 'condition' ? debeziumFilter : contentBasedRouter;
  const transformation = plugin.create();
  try {
    transformation.configure({
      language: `jsr223.${language}`,
      [key]: expression,
      'null.handling.mode': 'evaluate',
    });
  } catch (error) {
    if (ConfigError.is(error)) return 'refused';
    throw error;
  }
  try {
    const result = transformation.apply(record);
    if (key === 'condition') return String(result !== null);
    return result === record ? 'null' : `'${result?.topic}'`;
  } catch (error) {
    if (DataError.is(error)) return 'fails';
    throw error;
  }
}

describe("an expression means what Java's engines make of it, or is not taken", () => {
  it.each(answers)('%s, %s, %s: %s', (language, record, key, expression, java, ours = java) => {
    expect(ask(language, key, expression, scriptRecords[record])).toBe(ours);
  });

  it('never gives another answer than Java does', () => {
    const others = answers.filter(
      ([, , , , java, ours]) =>
        ours !== undefined && java !== 'fails' && ours !== 'fails' && ours !== 'refused',
    );
    expect(others).toEqual([]);
    expect(answers.length).toBeGreaterThan(1000);
  });
});

const refusals: [language: string, expression: string, position: number, reason: string][] = [
  ['groovy', 'value.op = 1', 10, '"=" is not supported: a comparison has two'],
  ['groovy', "operation != 'd", 14, "the text in ' does not end"],
  ['groovy', 'value.tags.any { it }', 16, '"{" is not supported in Groovy here'],
  ['groovy', 'op == 1', 1, '"op" is not known; there are key, value, keySchema, valueSchema'],
  ['groovy', 'new groovy.json.JsonSlurper()', 1, '"new" is not known'],
  ['groovy', '"a${topic}"', 3, '"$" in a text in double quotes makes a GString'],
  ['groovy', 'topic ==~ /a$b/', 13, '"$" before a name makes a GString'],
  ['groovy', 'topic =~ /a/', 7, '=~ gives a Matcher, which is no Boolean'],
  ['groovy', 'topic ==~ topic', 11, 'the pattern behind ==~ has to stand there as a text'],
  ['groovy', 'topic ==~ /a(/', 11, 'Unclosed group'],
  [
    'groovy',
    'topic.matches(value.op)',
    15,
    'the pattern of "matches" has to stand there as a text',
  ],
  ['groovy', "topic.split('a|b')[0]", 13, '"split" is supported with a plain separator'],
  ['groovy', 'topic.execute()', 7, 'the method "execute" is not supported in Groovy'],
  ['groovy', 'topic.constructor()', 7, 'the method "constructor" is not supported in Groovy'],
  ['groovy', 'topic.trim(1)', 7, 'the method "trim" is supported with 0 arguments, found 1'],
  ['groovy', 'value*.op', 7, 'expected a value, found "."'],
  ['groovy', 'value?["op"]', 13, 'expected ":", found the end'],
  ['groovy', 'value.op == 1..2', 15, 'expected a name, found ".2"'],
  ['groovy', 'value.op === 1', 12, '"=" is not supported'],
  ['groovy', 'true; false', 7, 'expected the end of the expression, found "false"'],
  ['groovy', 'true // yes', 6, 'comments are not supported'],
  ['groovy', 'topic++', 6, '"++" is not supported'],
  ['groovy', '99999999999999999999 == 1', 1, 'the number 99999999999999999999 is not supported'],
  ['groovy', "'\\101' == 'A'", 2, '\\1 in a text is not supported'],
  ['groovy', "'''a''' == 'a'", 3, 'expected the end of the expression'],
  ['graal.js', 'value => value', 7, '"=" is not supported'],
  ['graal.js', 'eval("1")', 1, '"eval" is not known'],
  ['graal.js', 'topic(1)', 6, 'functions are not supported, only methods of values'],
  ['graal.js', 'true && null ?? false', 6, '"&&" beside "??" needs parentheses'],
  ['graal.js', 'null ?? true || false', 14, '"??" and "||" in a row need parentheses'],
  ['graal.js', 'topic == /a/', 10, 'a regular expression is supported as /.../.test(text) only'],
  ['graal.js', '/a/g.test(topic)', 1, 'the flags "g" are not supported'],
  ['graal.js', '/(/.test(topic)', 1, 'Invalid regular expression'],
  ['graal.js', 'topic ==~ /a/', 9, '"~" is not supported in JavaScript here'],
  ['graal.js', "value.op ?: 'x'", 11, 'expected a value, found ":"'],
];

describe('what is outside of the language is refused when it is configured', () => {
  it.each(refusals)('%s: %s', (language, expression, position, reason) => {
    const configure = (): void =>
      debeziumFilter.create().configure({ language: `jsr223.${language}`, condition: expression });
    expect(configure).toThrow(
      `Invalid value ${expression} for configuration condition: Failed to parse expression at position ${position}: ${reason}`,
    );
  });
});

it.each([
  ['parentheses', `${'('.repeat(200)}1`, 'position 101: it is nested more than 100 deep'],
  ['negations', '!'.repeat(200), 'position 100: it is nested more than 100 deep'],
  ['sums', `1${'+1'.repeat(4000)}`, 'it has more than 1000 parts in a row'],
  ['members', `topic${'.a'.repeat(4000)}`, 'it has more than 1000 parts in a row'],
  ['everything', `1${'+1'.repeat(6000)}`, 'position 10001: it is longer than 10000 characters'],
])('bounds %s', (_, condition, reason) => {
  const configure = (): void =>
    debeziumFilter.create().configure({ language: 'jsr223.groovy', condition });
  expect(configure).toThrow(reason);
});

const pieces = [
  "value topic header key .op .after ?.id .tags [0] ['k'] .size() .matches(/a+/) .split('.') .get(0)",
  ".replace('t',topic) .contains('x') /x/.test(topic) ( ) [ ] , ? : ?: ?? ! - + * / % ; == != ===",
  `< >= && || in =~ ==~ = $ \\ " ' { 1 2L 0.5 1e9 7d 'a' "b" null true undefined __proto__`,
]
  .flatMap((line) => line.split(' '))
  .concat(' ', '\n', ' in ');

it('finds an end for every expression: a result, a refusal or an error for the record', () => {
  const expressions = fc
    .array(fc.constantFrom(...pieces), { minLength: 1, maxLength: 14 })
    .map((parts) => parts.join(''));
  const records = fc.constantFrom(...Object.values(scriptRecords));
  const seen = new Set<string>();
  fc.assert(
    fc.property(
      fc.constantFrom('groovy', 'graal.js', 'js'),
      expressions,
      records,
      (language, expression, record) => {
        seen.add(ask(language, 'topic.expression', expression, record));
      },
    ),
    { numRuns: 5000, seed: 5 },
  );
  expect(seen).toContain('refused');
  expect(seen).toContain('fails');
  expect(seen.size).toBeGreaterThan(3);
});

it('stops texts from growing without bound', () => {
  const long = `'${'ab'.repeat(900)}'`;
  let expression = long;
  for (let i = 0; i < 4; i++) expression = `${expression}.replace('a', ${long})`;
  for (const language of ['groovy', 'graal.js']) {
    expect(ask(language, 'topic.expression', expression.replaceAll('replace', 'replaceAll'))).toBe(
      'fails',
    );
  }
  expect(ask('groovy', 'condition', '1e999999999 + 1 > 0')).toBe('fails');
});
