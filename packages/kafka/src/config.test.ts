import { describe, expect, it } from 'vitest';
import { durationMs, parseConsumer, parseProducer } from './config.ts';

const lines: string[] = [];
const note = (line: string): void => void lines.push(line);
const logger = { error: note, warn: note, info: note, debug: note };
const servers = { 'bootstrap.servers': 'a:1,  b:2' };

describe('the keys of a producer', () => {
  it('have the defaults of Java', () => {
    expect(parseProducer(servers, logger)).toMatchObject({
      'bootstrap.servers': ['a:1', 'b:2'],
      acks: 'all',
      'enable.idempotence': true,
      'batch.size': 16_384,
      'buffer.memory': 33_554_432,
      'linger.ms': 5,
      'delivery.timeout.ms': 120_000,
      'max.in.flight.requests.per.connection': 5,
    });
  });

  it.each([
    { config: { acks: '1' }, isIdempotent: false },
    { config: { acks: '0' }, isIdempotent: false },
    { config: { acks: '-1' }, isIdempotent: true },
    { config: { retries: '0' }, isIdempotent: false },
    {
      config: { 'enable.idempotence': 'false', 'max.in.flight.requests.per.connection': '9' },
      isIdempotent: false,
    },
  ])(
    'turn idempotence off where they contradict it and nobody asked for it: $config',
    ({ config, isIdempotent }) => {
      const settings = parseProducer({ ...servers, ...(config as Record<string, string>) }, logger);
      expect(settings['enable.idempotence']).toBe(isIdempotent);
    },
  );

  it.each([
    { 'enable.idempotence': 'true', acks: '1' },
    { 'enable.idempotence': 'true', retries: '0' },
    { 'max.in.flight.requests.per.connection': '6' },
    { 'delivery.timeout.ms': '1000' },
    { acks: '2' },
    { 'compression.type': 'brotli' },
    { 'linger.ms': 'soon' },
    { 'linger.ms': '-1' },
    { 'max.in.flight.requests.per.connection': '0' },
    { 'bootstrap.servers': ' , ' },
    { 'interceptor.classes': 'com.acme.Spy' },
    { 'partitioner.class': 'com.acme.Partitioner' },
    { 'enable.idempotence': 'false', 'transactional.id': 'tx' },
  ])('are refused by name: %o', (config) => {
    const [key = ''] = Object.keys(config).slice(-1);
    expect(() =>
      parseProducer({ ...servers, ...(config as Record<string, string>) }, logger),
    ).toThrow(key);
  });

  it('raise delivery.timeout.ms that nobody set to linger.ms + request.timeout.ms', () => {
    const settings = parseProducer({ ...servers, 'request.timeout.ms': '200000' }, logger);
    expect(settings['delivery.timeout.ms']).toBe(200_005);
  });
});

describe('the keys of a consumer', () => {
  it.each([
    { 'auto.offset.reset': 'sometime' },
    { 'auto.offset.reset': 'by_duration:1h' },
    { 'isolation.level': 'serializable' },
    { 'heartbeat.interval.ms': '45000' },
    { 'max.poll.records': '0' },
    { 'group.protocol': 'consumer' },
    { 'group.instance.id': 'a b' },
    { 'group.instance.id': 'ä' },
    { 'group.instance.id': '..' },
    { 'group.instance.id': 'a'.repeat(250) },
    { 'enable.auto.commit': 'true' },
  ])('are refused by name: %o', (config) => {
    const [key = ''] = Object.keys(config);
    expect(() =>
      parseConsumer({ ...servers, ...(config as Record<string, string>) }, logger),
    ).toThrow(key);
  });

  it('take a member id of every character that Java takes', () => {
    const id = `aZ0._-${'a'.repeat(243)}`;
    const settings = parseConsumer({ ...servers, 'group.instance.id': id }, logger);
    expect(settings['group.instance.id']).toBe(id);
  });

  it('are named, not refused, when nobody knows them', () => {
    lines.length = 0;
    parseConsumer({ ...servers, 'my.own.key': 'x' }, logger);
    expect(lines).toEqual([expect.stringContaining("'my.own.key'")]);
  });
});

it('takes durations as Java does', () => {
  expect(durationMs('PT1H')).toBe(3_600_000);
  expect(durationMs('P2DT3M0.5S')).toBe(2 * 86_400_000 + 180_500);
  expect(durationMs('PT0S')).toBe(0);
  for (const wrong of ['', 'P', 'PT', '1h', 'P1Y', 'PT-1H']) expect(durationMs(wrong)).toBeNaN();
});
