import { describe, expect, test } from 'vitest';
import { parseConnectorFile } from './connector-file.ts';

const parse = (text: string) => parseConnectorFile('c.conf', Buffer.from(text));
const missingName =
  "Connector configuration at 'c.conf' is missing the mandatory 'name' configuration";

describe('a connector file', () => {
  test('is a JSON map, whose scalars become the text that stands in the file', () => {
    const text =
      '{"name": "a", "tasks.max": 1, "x": 1.0, "big": 12345678901234567890, "b": true, "n": null}';
    expect(parse(text)).toEqual({
      name: 'a',
      initialState: null,
      config: {
        name: 'a',
        'tasks.max': '1',
        x: '1.0',
        big: '12345678901234567890',
        b: 'true',
        n: null,
      },
    });
  });

  test('is the JSON of POST /connectors, whose name joins the config and whose unknown members do not count', () => {
    expect(
      parse('{"name": "a", "config": {"topics": "t"}, "initial_state": "paused", "z": []}'),
    ).toEqual({ name: 'a', config: { name: 'a', topics: 't' }, initialState: 'PAUSED' });
    expect(parse('{"name": "a", "config": {"name": "a"}, "initial_state": "RUNNING"}')).toEqual({
      name: 'a',
      config: { name: 'a' },
      initialState: 'STARTED',
    });
  });

  test('is a properties file', () => {
    expect(parse('# mine\nname=a\ntopics: t\n')).toEqual({
      name: 'a',
      config: { name: 'a', topics: 't' },
      initialState: null,
    });
  });

  test.each([
    '{}',
    '{"topics": "t"}',
    '',
    'topics=t',
    '[]',
    '{"name": "a", "config": {}, "initial_state": "ASLEEP"}',
  ])('without a name is refused: %s', (text) => {
    expect(() => parse(text)).toThrow(missingName);
  });

  test('with two names is refused', () => {
    expect(() => parse('{"name": "a", "config": {"name": "b"}}')).toThrow(
      "Connector name configuration in 'config' doesn't match the one specified in 'name' at 'c.conf'",
    );
  });

  test.each([
    ['{"name": "x", ', 'Expected double-quoted property name at line 1 column 15'],
    ['{\n"name": "x",\n"p": secret\n}', "Unexpected token 's' at line 3 column 6"],
    [
      '{"name": "x"\n "p": "secret"}',
      "Expected ',' or '}' after property value at line 2 column 2",
    ],
    ['{"name": "x', 'Unterminated string at line 1 column 12'],
  ])('%j that begins as JSON is named with the place where it breaks', (text, problem) => {
    expect(() => parse(text)).toThrow(
      `Connector configuration at 'c.conf' begins as JSON but is none: ${problem}; mend it there`,
    );
  });
});
