import { ConfigError, ConnectError, DataError, RetriableError } from '@tributary/sdk';
import { describe, expect, test } from 'vitest';
import { formatTrace, javaNameOf } from './trace.ts';

const firstLine = (error: unknown): string | undefined => formatTrace(error).split('\n')[0];

describe('formatTrace', () => {
  test('begins with class and message, then frames, then causes', () => {
    const error = new ConnectError('outer', { cause: new DataError('inner') });
    const lines = formatTrace(error).split('\n');
    expect(lines[0]).toBe('org.apache.kafka.connect.errors.ConnectException: outer');
    expect(lines[1]).toMatch(/^\tat /);
    expect(lines).toContain('Caused by: org.apache.kafka.connect.errors.DataException: inner');
  });

  test('shows every line of a message', () => {
    expect(formatTrace(new ConfigError('one\ntwo'))).toContain('ConfigException: one\ntwo\n\tat ');
  });

  test.each([
    ['text', 'java.lang.RuntimeException: text'],
    [{ a: 1 }, 'java.lang.RuntimeException: [object Object]'],
    [new Error(''), 'java.lang.RuntimeException'],
    [undefined, 'java.lang.RuntimeException'],
    [null, 'java.lang.RuntimeException'],
  ])('takes whatever was thrown: %j', (thrown, expected) => {
    expect(firstLine(thrown)).toBe(expected);
  });

  test('ends where causes go in a circle', () => {
    const error = new Error('a');
    error.cause = new Error('b', { cause: error });
    expect(formatTrace(error).match(/Caused by/g)).toHaveLength(1);
  });

  test('keeps the trace of an error that came from another process', () => {
    const far = Object.assign(new Error('far'), { trace: 'x.Y: far\n\tat z' });
    expect(formatTrace(far)).toBe('x.Y: far\n\tat z');
    expect(formatTrace(new ConnectError('near', { cause: far }))).toMatch(
      /ConnectException: near\n[^]*\nCaused by: x\.Y: far\n\tat z$/,
    );
  });
});

describe('javaNameOf', () => {
  const kafkaError = (errorName: string) =>
    Object.assign(new Error('x'), { name: 'KafkaError', errorName });
  const systemError = (code: string) => Object.assign(new Error('x'), { code, syscall: 'open' });

  test.each([
    [new RetriableError('x'), 'org.apache.kafka.connect.errors.RetriableException'],
    [
      kafkaError('TOPIC_AUTHORIZATION_FAILED'),
      'org.apache.kafka.common.errors.TopicAuthorizationFailedException',
    ],
    [kafkaError('MESSAGE_TOO_LARGE'), 'org.apache.kafka.common.errors.RecordTooLargeException'],
    [systemError('ENOENT'), 'java.nio.file.NoSuchFileException'],
    [systemError('EACCES'), 'java.io.IOException'],
    [new SyntaxError('x'), 'java.lang.IllegalArgumentException'],
    [new RangeError('Maximum call stack size exceeded'), 'java.lang.StackOverflowError'],
    [
      new TypeError("Cannot read properties of undefined (reading 'x')"),
      'java.lang.NullPointerException',
    ],
    [new TypeError('x is not a function'), 'java.lang.ClassCastException'],
  ])('%s', (error, expected) => {
    expect(javaNameOf(error)).toBe(expected);
  });
});
