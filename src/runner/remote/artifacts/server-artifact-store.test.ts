import { readdir } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { gunzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { JobArtifact } from '../../../protocol/index.ts';
import { packFiles } from '../../archive/pack-files.ts';
import { selectFiles } from '../../archive/select-files.ts';
import { temporaryFolders, writeTree } from '../../archive/test-support/temporary-folder.ts';
import { unpackFiles } from '../../archive/unpack-files.ts';
import type { ArtifactStore } from '../../ports.ts';
import { connectToServer, type ServerConnection } from '../server/connection.ts';
import { hurriedClock } from '../test-support/hurried-clock.ts';
import { createServerArtifactStore } from './server-artifact-store.ts';

type Answer = (request: IncomingMessage, response: ServerResponse, body: Buffer) => void;

const makeFolder = temporaryFolders();
const { signal } = new AbortController();
let server: Server;
let connection: ServerConnection;
let store: ArtifactStore;
let folder: string;
let answers: Answer[];
let asked: { readonly url: string; readonly token: unknown; readonly body: Buffer }[];

beforeEach(async () => {
  answers = [];
  asked = [];
  server = createServer((request, response) => {
    void buffer(request).then(
      (body) => {
        asked.push({ url: request.url ?? '', token: request.headers['job-token'], body });
        const answer = answers.shift() ?? status(500);
        answer(request, response, body);
      },
      () => undefined,
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  folder = await makeFolder();
  connection = connectToServer({ url: addressOf(server), environment: {}, certificates: null });
  store = createServerArtifactStore({
    connection,
    job: { id: 7, token: 'own' },
    dependencyTokens: new Map([[5, 'for-five']]),
    folder,
    clock: hurriedClock(),
    random: () => 0.5,
    signal,
  });
});
afterEach(async () => {
  connection[Symbol.dispose]();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

function addressOf(one: Server): string {
  const bound = one.address();
  return `http://127.0.0.1:${typeof bound === 'object' && bound !== null ? bound.port : 0}`;
}

function status(
  code: number,
  headers: Readonly<Record<string, string>> = {},
  content: string | Buffer = '',
): Answer {
  return (_request, response) => response.writeHead(code, headers).end(content);
}

/** Half of it, and then nothing more. */
function broken(content: Buffer): Answer {
  return (_request, response) => {
    response.writeHead(200, { 'Content-Length': content.length });
    response.write(content.subarray(0, content.length / 2), () => response.destroy());
  };
}

async function archiveOf(files: Readonly<Record<string, string>>): Promise<Readable> {
  const workspace = await makeFolder();
  await writeTree(workspace, files);
  const requests = [{ paths: ['**/*'], exclude: [], untracked: false }];
  const [selection] = await selectFiles({ workspace, requests, signal });
  return packFiles({ workspace, entries: selection?.entries ?? [], signal }).archive;
}

function artifact(type: string, more: Partial<JobArtifact> = {}): JobArtifact {
  return {
    type,
    name: null,
    paths: [],
    exclude: [],
    untracked: false,
    when: 'always',
    expireIn: null,
    ...more,
  };
}

/** The file in the form that was sent last. */
function sentFile(): { readonly name: string; readonly content: Buffer } {
  const body = asked.at(-1)?.body ?? Buffer.alloc(0);
  const [, name = ''] = /filename="([^"]*)"/.exec(body.toString('latin1')) ?? [];
  const start = body.indexOf('\r\n\r\n') + 4;
  return { name, content: body.subarray(start, body.lastIndexOf('\r\n--')) };
}

describe('artifacts go up', () => {
  it('as a form with one file, named and labelled', async () => {
    answers = [status(201)];
    const kept = await store.put(
      7,
      artifact('archive', { name: 'b"in', expireIn: '1 week' }),
      'x.tar',
      await archiveOf({ a: 'a' }),
    );
    const query = new URL(asked[0]?.url ?? '', 'http://x').searchParams;
    expect(Object.fromEntries(query)).toEqual({
      artifact_type: 'archive',
      artifact_format: 'zip',
      expire_in: '1 week',
    });
    expect(asked[0]?.token).toBe('own');
    expect(sentFile().name).toBe('b_in.zip');
    expect(kept).toEqual({ bytes: sentFile().content.length, fileName: 'b"in.zip' });
    expect(await readdir(folder)).toEqual([]);
  });

  it('again and whole after whatever passes', async () => {
    const cut: Answer = (request) => request.socket.resetAndDestroy();
    answers = [status(503, { 'Retry-After': '2' }), cut, status(429), status(201)];
    await store.put(7, artifact('junit'), 'junit.tar', await archiveOf({ 'r.xml': '<r/>' }));
    expect(asked).toHaveLength(4);
    expect(gunzipSync(sentFile().content).toString()).toBe('<r/>');
  });

  it('to where the server sends them, with the token for nobody else', async () => {
    const elsewhere = createServer((request, response) => {
      void buffer(request).then((body) => {
        asked.push({ url: request.url ?? '', token: request.headers['job-token'], body });
        response.writeHead(201).end();
      });
    });
    await new Promise<void>((resolve) => elsewhere.listen(0, '127.0.0.1', resolve));
    answers = [status(307, { Location: `${addressOf(elsewhere)}/bucket` })];
    await store.put(7, artifact('archive'), 'x.tar', await archiveOf({ a: 'a' }));
    expect(asked.map(({ url, token }) => [url.split('?')[0], token])).toEqual([
      ['/api/v4/jobs/7/artifacts', 'own'],
      ['/bucket', undefined],
    ]);
    elsewhere.closeAllConnections();
    await new Promise((resolve) => elsewhere.close(resolve));
  });

  it.each([400, 403, 413])('once when the answer is %d', async (code) => {
    answers = [status(code, { 'Content-Type': 'application/json' }, '{"message":"Not this"}')];
    const put = store.put(7, artifact('archive'), 'x.tar', await archiveOf({ a: 'a' }));
    await expect(put).rejects.toMatchObject({
      code: 'artifact-refused',
      message: expect.stringContaining('Not this'),
    });
    expect(asked).toHaveLength(1);
    expect(await readdir(folder)).toEqual([]);
  });

  it('not for ever to a server that is broken', async () => {
    const put = store.put(7, artifact('archive'), 'x.tar', await archiveOf({ a: 'a' }));
    await expect(put).rejects.toMatchObject({ code: 'server-away' });
    expect(asked).toHaveLength(12);
  });
});

describe('artifacts come down', () => {
  async function zipOf(files: Readonly<Record<string, string>>): Promise<Buffer> {
    answers = [status(201)];
    await store.put(7, artifact('archive'), 'x.tar', await archiveOf(files));
    const { content } = sentFile();
    asked = [];
    return content;
  }

  it('with the token for the job that made them, whole, though a transfer breaks off', async () => {
    const zip = await zipOf({ 'a.txt': 'a'.repeat(100_000), 'b/c.txt': 'c' });
    answers = [broken(zip), status(200, {}, zip)];
    const archive = await store.get(5);
    const target = await makeFolder();
    if (archive === null) throw new Error('There is none');
    expect(await unpackFiles({ archive, folder: target, signal })).toMatchObject({ files: 2 });
    expect(asked.map(({ token }) => token)).toEqual(['for-five', 'for-five']);
    expect((await readdir(target)).sort()).toEqual(['a.txt', 'b']);
    expect(await readdir(folder)).toEqual([]);
  });

  it('from where the server sends to, without a token', async () => {
    const zip = await zipOf({ a: 'a' });
    answers = [status(302, { Location: '/bucket/file' }), status(200, {}, zip)];
    const archive = await store.get(5);
    expect(archive === null ? 0 : (await buffer(archive)).length).toBeGreaterThan(0);
    expect(asked.map(({ url, token }) => [url.split('?')[0], token])).toEqual([
      ['/api/v4/jobs/5/artifacts', 'for-five'],
      ['/bucket/file', undefined],
    ]);
  });

  it('not when there are none, or the server says no', async () => {
    answers = [status(404), status(403)];
    expect(await store.get(5)).toBeNull();
    await expect(store.get(5)).rejects.toMatchObject({ code: 'artifact-refused' });
  });

  it('not as anything else than a zip file', async () => {
    answers = [status(200, {}, '<html>Sign in</html>')];
    const archive = await store.get(5);
    if (archive === null) throw new Error('There is none');
    const unpacked = unpackFiles({ archive, folder: await makeFolder(), signal });
    await expect(unpacked).rejects.toMatchObject({ code: 'archive-damaged' });
  });
});
