import { SourceRecord } from '@tributary/sdk';
import { describe, expect, it } from 'vitest';
import { regexRouter } from './regex-router.ts';

function route(regex: string, replacement: string, topic: string): string {
  const transformation = regexRouter.create();
  transformation.configure({ regex, replacement });
  const record = SourceRecord.from({ sourcePartition: null, sourceOffset: null, topic });
  return transformation.apply(record)?.topic ?? '';
}

describe('RegexRouter', () => {
  it.each([
    ['(?i)ORD(?<rest>.*)', 'new-${rest}', 'orders', 'new-ers'],
    ['(\\w+?)-\\d{2,4}+', '$1', 'orders-2024', 'orders'],
    ['[a-z&&[^x]]+', 'same', 'orders', 'same'],
    ['[a-z&&[^o]]+', 'same', 'orders', 'orders'],
    // The part that is replaced is the first that is found, which need not be the whole topic.
    ['a|ab', 'x', 'ab', 'xb'],
  ])('with %s and %s sends %s to %s', (regex, replacement, topic, expected) => {
    expect(route(regex, replacement, topic)).toBe(expected);
  });

  it('fails for a group that is not there when a topic matches, as Java does', () => {
    expect(route('a', '$1', 'b')).toBe('b');
    expect(() => route('a', '$1', 'a')).toThrow(
      expect.objectContaining({
        javaName: 'java.lang.IndexOutOfBoundsException',
        message: 'No group 1',
      }),
    );
  });

  it('refuses at once what would mean something else here', () => {
    expect(() => route('(?:(a)|b)+', '$1', 'x')).toThrow(
      /Invalid value \$1 for configuration replacement: .*cannot be translated/,
    );
    expect(() => route('x\\Xy', 'z', 'x')).toThrow(
      /Invalid regex: \\X cannot be translated near index 1/,
    );
  });
});
