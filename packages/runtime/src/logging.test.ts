import { expect, test } from 'vitest';
import { LogLevels } from './log-levels.ts';
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

test('a level changed while the process runs holds for the next line, and for the loggers whose names begin alike', () => {
  const lines: string[] = [];
  const levels = new LogLevels('info', () => 42);
  const logger = createLogger({ now, levels, write: (line) => lines.push(line) });
  const consumer = logger.child({ name: 'kafka.consumer' });
  consumer.debug('hidden');
  logger.child({ name: 'kafka.producer' }).info('shown');
  expect(levels.set('kafka', 'DEBUG').sort()).toEqual([
    'kafka',
    'kafka.consumer',
    'kafka.producer',
  ]);
  expect(levels.set('kafka', 'DEBUG')).toEqual([]);
  consumer.debug('shown, too');
  logger.debug('hidden');
  expect(lines.map((line) => line.slice(26))).toEqual([
    'INFO shown (kafka.producer)\n',
    'DEBUG shown, too (kafka.consumer)\n',
  ]);
  expect(levels.get('kafka.consumer')).toEqual({ level: 'DEBUG', last_modified: 42 });
  expect(levels.get('root')).toEqual({ level: 'INFO', last_modified: null });
});

test('another process begins with the levels and follows each change, also in loggers that only it knows', () => {
  const levels = new LogLevels('warn');
  levels.set('kafka', 'TRACE');
  const other = new LogLevels('info');
  other.take(levels.byName());
  const unfollow = levels.follow(({ name, level }) => void other.set(name, level));
  expect([other.levelFor('kafka.consumer'), other.levelFor('orders')]).toEqual(['trace', 'warn']);
  levels.set('root', 'DEBUG');
  expect([other.levelFor('kafka'), other.levelFor('orders.a')]).toEqual(['debug', 'debug']);
  unfollow();
  levels.set('root', 'ERROR');
  expect(other.levelFor('new')).toBe('debug');
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
