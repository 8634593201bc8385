import { expect, it } from 'vitest';
import { BrokerRequests } from './broker-requests.ts';

it('lets so many requests out to each broker, and more when an answer has come', () => {
  const requests = new BrokerRequests(2);
  requests.noteSent(1, 0);
  requests.noteSent(1, 0);
  expect([requests.waitMs(1, 0), requests.waitMs(2, 0)]).toEqual([Number.POSITIVE_INFINITY, 0]);
  requests.noteEnded(1, false, 5);
  expect(requests.waitMs(1, 5)).toBe(0);
});

it('keeps the pause that a broker asks for', () => {
  const requests = new BrokerRequests(5);
  requests.noteSent(1, 0);
  requests.throttle(1, 300, 1000);
  requests.throttle(1, 100, 1000);
  expect([requests.waitMs(1, 1000), requests.waitMs(1, 1250), requests.waitMs(1, 1300)]).toEqual([
    300, 50, 0,
  ]);
});

it('finds a broker stalled from the first request without answer until one is answered', () => {
  const requests = new BrokerRequests(5);
  expect(requests.isStalled(1, 100, 0)).toBe(false);
  requests.noteSent(1, 0);
  requests.noteSent(1, 90);
  expect([requests.isStalled(1, 100, 100), requests.isStalled(1, 100, 101)]).toEqual([false, true]);
  requests.noteEnded(1, false, 110);
  expect(requests.isStalled(1, 100, 120)).toBe(true);
  requests.noteEnded(1, true, 130);
  expect(requests.isStalled(1, 100, 1000)).toBe(false);
  requests.noteSent(1, 1000);
  expect(requests.isStalled(1, 100, 1100)).toBe(false);
});
