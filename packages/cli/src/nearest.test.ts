import { expect, test } from 'vitest';
import { nearest } from './nearest.ts';

const options = ['--port', '--broker-port', '--data', '--no-quickstart', '--help'];

test.each([
  ['--prot', '--port'],
  ['--porto', '--port'],
  ['--brokerport', '--broker-port'],
  ['--no-quikstart', '--no-quickstart'],
  ['--colour', null],
])('what is meant by %s is %s', (word, meant) => {
  expect(nearest(word, options)).toBe(meant);
});
