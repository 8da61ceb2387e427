import { mkdtemp, readFile, rename, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { openLineFile } from './line-file.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'line-file-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const fails = (failure: unknown): never => {
  throw failure;
};

describe('a file of lines', () => {
  it('has all of them in order when it is closed, and goes on where it ended', async () => {
    const path = join(folder, 'lines');
    for (const names of [['a', 'b'], ['c']]) {
      const file = openLineFile({ path, onLost: fails });
      for (const name of names) expect(file.write(name)).toBe(true);
      await file.close();
    }
    expect(await readFile(path, 'utf8')).toBe('a\nb\nc\n');
    expect((await stat(path)).mode & 0o777).toBe(0o600);
  });

  it('goes on in a new file when the old one has been moved away', async () => {
    const path = join(folder, 'lines');
    const file = openLineFile({ path, onLost: fails });
    file.write('old');
    await vi.waitUntil(async () => (await readFile(path, 'utf8')) === 'old\n');
    await rename(path, `${path}.1`);
    await vi.waitUntil(
      async () => {
        file.write('new');
        return (await readFile(path, 'utf8').catch(() => '')).includes('new\n');
      },
      { timeout: 10_000, interval: 100 },
    );
    await file.close();
    expect(await readFile(`${path}.1`, 'utf8')).toMatch(/^old\n/);
  });

  it('loses lines rather than memory, and says so', async () => {
    const file = openLineFile({ path: join(folder, 'lines'), onLost: fails, waitingCharsMax: 10 });
    expect([file.write('12345678'), file.write('9999')]).toEqual([true, false]);
    await file.close();
    const lost: number[] = [];
    const full = openLineFile({ path: '/dev/full', onLost: (_, lines) => lost.push(lines) });
    full.write('a');
    full.write('b');
    await full.close();
    expect(lost).toEqual([2]);
  });

  it('tells at once of a place where it cannot be', () => {
    expect(() => openLineFile({ path: join(folder, 'no', 'lines'), onLost: fails })).toThrow(/ENOENT/);
  });
});
