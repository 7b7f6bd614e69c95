import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { packFiles } from '../../archive/pack-files.ts';
import { selectFiles } from '../../archive/select-files.ts';
import { temporaryFolders, writeTree } from '../../archive/test-support/temporary-folder.ts';
import { artifactBytes } from './artifact-bytes.ts';

const makeFolder = temporaryFolders();
const { signal } = new AbortController();

async function archiveOf(files: Readonly<Record<string, string>>): Promise<Readable> {
  const workspace = await makeFolder();
  await writeTree(workspace, files);
  const requests = [{ paths: ['**/*'], exclude: [], untracked: false }];
  const [selection] = await selectFiles({ workspace, requests, signal });
  return packFiles({ workspace, entries: selection?.entries ?? [], signal }).archive;
}

async function sent(format: 'zip' | 'gzip' | 'raw', files: Readonly<Record<string, string>>) {
  const { pieces, fileName } = artifactBytes(await archiveOf(files), format, 'report');
  return { bytes: await buffer(Readable.from(pieces)), name: fileName() };
}

describe('the bytes of an artifact', () => {
  it('are a zip file', async () => {
    const { bytes, name } = await sent('zip', { 'a.txt': 'a' });
    expect(bytes.subarray(0, 4).toString('latin1')).toBe('PK\x03\x04');
    expect(name).toBe('report.zip');
  });

  it('are all files one after the other for gzip', async () => {
    const large = 'x'.repeat(300_000);
    const { bytes, name } = await sent('gzip', { 'a.xml': '<a/>', 'b/c.xml': large });
    expect(gunzipSync(bytes).toString()).toBe(`<a/>${large}`);
    expect(name).toBe('report.gz');
  });

  it('are the first file, by its own name, for raw', async () => {
    const { bytes, name } = await sent('raw', { 'a/gl-sast-report.json': '{}', 'a/other.json': '[]' });
    expect([bytes.toString(), name]).toEqual(['{}', 'gl-sast-report.json']);
  });

  it.each(['zip', 'gzip', 'raw'] as const)('fail when the archive does, as %s', async (format) => {
    const archive = await buffer(await archiveOf({ 'a.bin': 'x'.repeat(300_000) }));
    async function* failing() {
      yield archive.subarray(0, 100_000);
      throw new Error('the job went away');
    }
    const { pieces } = artifactBytes(Readable.from(failing(), { objectMode: false }), format, 'report');
    await expect(buffer(Readable.from(pieces))).rejects.toThrow('the job went away');
  });
});
