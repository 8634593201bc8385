import { describe, expect, it } from 'vitest';
import { parseJaasConfig, parseLoginConfig } from './jaas.ts';

describe('a JAAS config', () => {
  it.each([
    { text: 'a.B required username="u" password="p";', options: { username: 'u', password: 'p' } },
    {
      text: "a.B REQUIRED username='u' password='p\"q' ;",
      options: { username: 'u', password: 'p"q' },
    },
    {
      text: '  a.B\n required\n // who\n username=alice_1 /* and */ password="x;y=z //" ;\n',
      options: { username: 'alice_1', password: 'x;y=z //' },
    },
    { text: 'a.B optional p="a\\"b\\\\c\\td\\101";', options: { p: 'a"b\\c\tdA' } },
    { text: 'a.B sufficient;', options: {} },
  ])('is read as Java reads it: $text', ({ text, options }) => {
    expect(parseJaasConfig(text)).toEqual({ loginModule: 'a.B', options });
  });

  it.each([
    ['', 'Login module not specified'],
    ['a.B', 'control flag not specified'],
    ['a.B maybe;', 'Invalid login module control flag'],
    ['a.B required password="hunter2"', 'not terminated by semi-colon'],
    ['a.B required password=;', 'Value not specified for a key'],
    ['a.B required password "hunter2";', 'Value not specified for a key'],
    // Java's tokenizer makes a number of it.
    ['a.B required password=12345;', 'Value not specified for a key'],
    ['a.B required password="hunter2', 'Value not specified'],
    ['a.B required username="u" password="ab"hunter2";', 'Value not specified'],
    ['a.B required username="u" password=first hunter2;', 'Value not specified'],
    ['a.B required password="=" hunter2 "=" x;', 'Value not specified'],
    ['a.B required a="hunter2"; c.D required;', '2 login modules'],
  ])('is refused without showing a value: %s', (text, reason) => {
    expect(() => parseJaasConfig(text)).toThrow(reason);
    expect(() => parseJaasConfig(text)).not.toThrow(/hunter2|12345/);
  });
});

describe('a login configuration file', () => {
  const text = `
    /* of the broker */
    KafkaServer { a.B required; };
    KafkaConnect {
      c.D required
      file="/etc/connect/passwords"; // read once
      e.F optional debug="true";
    };`;

  it('gives the modules of the entry that is asked for', () => {
    expect(parseLoginConfig(text, 'KafkaConnect')).toEqual([
      { loginModule: 'c.D', options: { file: '/etc/connect/passwords' } },
      { loginModule: 'e.F', options: { debug: 'true' } },
    ]);
    expect(parseLoginConfig(text, 'KafkaClient')).toBeNull();
  });

  it.each([
    ['KafkaConnect c.D required;', 'begin with a brace'],
    ['KafkaConnect { c.D required password="hunter2"', 'not terminated by semi-colon'],
    ['KafkaConnect { c.D required password="hunter2";', 'end with a brace'],
    ['KafkaConnect { c.D required password="hunter2"; }', 'semicolon is missing behind'],
    ['KafkaConnect { c.D required password="ab"hunter2"; };', 'Value not specified'],
    ['KafkaConnect { c.D required password=ab;};hunter2"; };', 'begin with a brace'],
    ['KafkaConnect { c.D required password=ab;hunter2"; };', 'control flag'],
    ['{ c.D required; };', 'name of an entry is missing'],
  ])('is refused without showing a value: %s', (broken, reason) => {
    expect(() => parseLoginConfig(broken, 'KafkaConnect')).toThrow(reason);
    expect(() => parseLoginConfig(broken, 'KafkaConnect')).not.toThrow(/hunter2/);
  });
});
