import { expect, test } from 'vitest';
import { createLogger } from './logging.ts';

const now = (): Date => new Date(2026, 0, 2, 3, 4, 5, 6);

test('writes lines in the layout of Kafka Connect', () => {
  const lines: string[] = [];
  const logger = createLogger({ now, write: (line) => lines.push(line) });
  logger.info('Kafka Connect started');
  logger.child({ name: 'worker', context: '[orders|task-0] ' }).warn('Slow');
  expect(lines).toEqual([
    '[2026-01-02 03:04:05,006] INFO Kafka Connect started (tributary)\n',
    '[2026-01-02 03:04:05,006] WARN [orders|task-0] Slow (worker)\n',
  ]);
});

test('prints an error below its message, with its causes', () => {
  const lines: string[] = [];
  const logger = createLogger({ now, write: (line) => lines.push(line) });
  logger.error('Failed', new Error('outer', { cause: new Error('inner') }));
  expect(lines[0]).toMatch(/ERROR Failed\nError: outer\n[^]*Caused by: Error: inner\n/);
});

test('the longest name that covers a logger decides its level', () => {
  const lines: string[] = [];
  const levels = { kafka: 'error', 'kafka.producer': 'debug' } as const;
  const logger = createLogger({ now, levels, write: (line) => lines.push(line) });
  logger.child({ name: 'kafka.consumer' }).warn('hidden');
  logger.child({ name: 'kafka.producer.batch' }).debug('shown');
  logger.debug('hidden');
  expect(lines.map((line) => line.slice(26))).toEqual(['DEBUG shown (kafka.producer.batch)\n']);
});

test('writes JSON lines with the same facts', () => {
  const lines: string[] = [];
  const logger = createLogger({ now, format: 'json', write: (line) => lines.push(line) });
  logger.child({ context: '[orders|worker] ' }).info('Creating');
  expect(JSON.parse(lines[0] ?? '')).toEqual({
    level: 'info',
    time: now().toISOString(),
    logger: 'tributary',
    context: '[orders|worker]',
    message: 'Creating',
  });
});
