import { expect, it } from 'vitest';
import { RequestQueue } from './request-queue.ts';

it('runs the calls of one connector one after the other, in order', async () => {
  const queue = new RequestQueue({ maxWaiting: 10 });
  const seen: string[] = [];
  const first = deferred();
  const one = queue.run('a', async () => {
    await first.promise;
    seen.push('one');
  });
  const two = queue.run('a', async () => void seen.push('two'));
  first.resolve();
  await Promise.all([one, two]);
  expect(seen).toEqual(['one', 'two']);
});

it('lets no connector wait for another', async () => {
  const queue = new RequestQueue({ maxWaiting: 10 });
  const never = deferred();
  const hanging = queue.run('hangs', () => never.promise);
  await expect(queue.run('other', async () => 'done')).resolves.toBe('done');
  never.resolve();
  await hanging;
});

it('goes on after a call that failed', async () => {
  const queue = new RequestQueue({ maxWaiting: 10 });
  const failing = queue.run('a', () => Promise.reject(new Error('no')));
  await expect(failing).rejects.toThrow('no');
  await expect(queue.run('a', async () => 1)).resolves.toBe(1);
});

it('refuses more calls than may wait', async () => {
  const queue = new RequestQueue({ maxWaiting: 2 });
  const gate = deferred();
  const begun = [queue.run('a', () => gate.promise), queue.run('a', () => gate.promise)];
  await expect(queue.run('a', async () => 1)).rejects.toThrow(/has 2 requests waiting/);
  gate.resolve();
  await Promise.all(begun);
  await expect(queue.run('a', async () => 1)).resolves.toBe(1);
});

it('on close refuses what waits and waits for what has begun', async () => {
  const queue = new RequestQueue({ maxWaiting: 10 });
  const gate = deferred();
  let isDone = false;
  const begun = queue.run('a', async () => {
    await gate.promise;
    isDone = true;
  });
  const waiting = queue.run('a', async () => 1);
  await Promise.resolve();
  const closed = queue.close();
  gate.resolve();
  await expect(waiting).rejects.toThrow('Worker is shutting down');
  await expect(queue.run('b', async () => 1)).rejects.toThrow('Worker is shutting down');
  await Promise.all([begun, closed]);
  expect(isDone).toBe(true);
});

function deferred(): { promise: Promise<void>; resolve: () => void } {
  let resolve = (): void => {};
  const promise = new Promise<void>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}
