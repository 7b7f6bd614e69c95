import { Buffer } from 'node:buffer';
import { mkdtemp, readFile, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { removeTree } from '../folder/remove-tree.ts';
import { createFileSink } from './file-sink.ts';

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'slipway-sink-'));
});
afterAll(() => removeTree(folder));

describe('a log file', () => {
  it('holds every byte in order, whoever waits for what', async () => {
    const path = join(folder, 'log');
    const sink = await createFileSink(path);
    const chunks = Array.from({ length: 3000 }, (_, index) => Buffer.from(`${index} `.repeat(index % 400)));
    for (const [index, chunk] of chunks.entries()) {
      const written = sink.write(chunk);
      if (index % 3 === 0) await written;
    }
    await sink.close();
    expect((await readFile(path)).equals(Buffer.concat(chunks))).toBe(true);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
  });

  it.runIf(process.platform === 'linux')('says when the disk is full', async () => {
    const sink = await createFileSink('/dev/full');
    await sink.write(Buffer.from('x'));
    await expect(sink.close()).rejects.toMatchObject({ code: 'log-not-written' });
  });

  it('says when it cannot be made', async () => {
    await expect(createFileSink(join(folder, 'none', 'log'))).rejects.toMatchObject({
      code: 'log-not-written',
    });
  });
});
