import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { definedClasses, kinds } from './kinds.ts';
import { runVectors } from './run-vectors.ts';

const recordings = fileURLToPath(new URL('../../vectors', import.meta.url));
/** The bytes of the protocol are recorded beside their codec. */
const wireRecordings = fileURLToPath(new URL('../../../wire/src/golden', import.meta.url));

describe('the recordings of Apache Kafka', () => {
  it.each([...Object.keys(kinds), ...definedClasses.map((name) => `configdef/${name}`)])(
    'give the recorded results: %s',
    async (kind) => {
      const differences: string[] = [];
      const folder = existsSync(join(recordings, `${kind}.json`)) ? recordings : wireRecordings;
      const { passed } = await runVectors([folder], [kind], (line) => differences.push(line));
      expect(differences).toEqual([]);
      expect(passed).toBeGreaterThan(0);
    },
  );
});

describe('runVectors', () => {
  let folder: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'vectors-'));
  });

  afterEach(async () => {
    await rm(folder, { recursive: true });
  });

  async function run(only: string[] = []): Promise<{ failed: number; lines: string[] }> {
    const lines: string[] = [];
    const { failed } = await runVectors([folder], only, (line) => lines.push(line));
    return { failed, lines };
  }

  it('fails for a folder without files', async () => {
    expect((await run()).failed).toBe(1);
  });

  it('fails for a kind that nothing runs', async () => {
    await writeFile(join(folder, 'astrology.json'), '{"about": "", "cases": []}');
    expect((await run()).lines).toEqual([expect.stringContaining('"astrology"')]);
  });

  it('fails for a file that is no JSON', async () => {
    await writeFile(join(folder, 'values-text.json'), '{');
    expect((await run()).failed).toBe(1);
  });

  it('fails for a folder that is not there', async () => {
    await rm(folder, { recursive: true });
    expect((await run()).failed).toBe(1);
    folder = await mkdtemp(join(tmpdir(), 'vectors-'));
  });

  it('says what was expected and what was found', async () => {
    const cases = [
      { name: 'a', in: { schema: null, value: { int64: '1' } }, expect: '2' },
      {
        name: 'b',
        in: { schema: null, value: { string: 'x' } },
        error: { class: 'DataException' },
      },
    ];
    await writeFile(join(folder, 'values-text.json'), JSON.stringify({ about: '', cases }));
    const { failed, lines } = await run(['values-*']);
    expect(failed).toBe(2);
    expect(lines[0]).toContain('values-text.json: a\n  expected "2"\n  found    "1"');
    expect(lines[1]).toContain('expected DataException: (any text)\n  found    "x"');
  });

  it('tells an INT32 from an INT64', async () => {
    const vector = {
      name: 'a',
      in: { to: 'int32', schema: null, value: { int64: '1' } },
      expect: { int64: '1' },
    };
    await writeFile(
      join(folder, 'values-convert.json'),
      JSON.stringify({ about: '', cases: [vector] }),
    );
    expect((await run()).failed).toBe(1);
  });
});
