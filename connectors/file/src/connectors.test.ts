import { describe, expect, it } from 'vitest';
import { FileStreamSink, FileStreamSource } from './index.ts';
import { FileStreamSourceConnector } from './source-connector.ts';

const config = { file: 'f', topic: 't' };

function alter(partition: unknown, offset: unknown, file = 'f'): boolean {
  const offsets = [{ partition, offset }] as never;
  return new FileStreamSourceConnector().alterOffsets({ ...config, file }, offsets);
}

describe('FileStreamSourceConnector', () => {
  it('gives one task whatever is asked for', async () => {
    const connector = FileStreamSource.createConnector();
    await connector.start(config);
    expect(await connector.taskConfigs(5)).toEqual([config]);
  });

  it('refuses a config without topic', () => {
    const connector = FileStreamSource.createConnector();
    expect(() => connector.start({ file: 'f' })).toThrow(
      'Missing required configuration "topic" which has no default value.',
    );
    expect(() => connector.start({ file: 'f', topic: '' })).toThrow('String must be non-empty');
  });

  it('supports exactly-once for files only', () => {
    const connector = new FileStreamSourceConnector();
    expect(connector.exactlyOnceSupport(config)).toBe('SUPPORTED');
    expect(connector.exactlyOnceSupport({ topic: 't' })).toBe('UNSUPPORTED');
    expect(connector.exactlyOnceSupport({ topic: 't', file: '' })).toBe('UNSUPPORTED');
  });

  it.each([
    [{ filename: 'f' }, { position: 0 }],
    [{ filename: 'other' }, { position: 7 }],
    [{ filename: 'f' }, null],
    [{ odd: true }, null],
  ])('accepts partition %j with offset %j', (partition, offset) => {
    expect(alter(partition, offset)).toBe(true);
  });

  it.each([
    [null, { position: 1 }, 'Partition objects cannot be null'],
    [{ name: 'f' }, { position: 1 }, "Partition objects should contain the key 'filename'"],
    [{ filename: 'f' }, {}, "Offset objects should either be null or contain the key 'position'"],
    [{ filename: 'f' }, { position: '1' }, 'is expected to be a Long value'],
    [{ filename: 'f' }, { position: null }, 'is expected to be a Long value'],
    [{ filename: 'f' }, { position: -1 }, 'should be a non-negative value'],
  ])('refuses partition %j with offset %j', (partition, offset, message) => {
    expect(() => alter(partition, offset)).toThrow(message);
  });

  it('accepts a position of 64 bits', () => {
    expect(alter({ filename: 'f' }, { position: 9_007_199_254_740_993n })).toBe(true);
  });

  it('refuses any change for standard input', () => {
    expect(() => alter({ filename: 'f' }, null, '')).toThrow("'file' configuration is unspecified");
  });
});

describe('FileStreamSinkConnector', () => {
  it('gives as many tasks as are asked for', async () => {
    const connector = FileStreamSink.createConnector();
    await connector.start({ file: 'f' });
    expect(await connector.taskConfigs(3)).toEqual([{ file: 'f' }, { file: 'f' }, { file: 'f' }]);
  });
});
