import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { packet } from './pkt-line.ts';
import { readRefTips, updatesBetween } from './ref-tips.ts';
import {
  client,
  clientWith,
  PUSH_OF_BYTES,
  startTestServer,
  type TestServer,
} from './test-support/git-server.ts';

let server: TestServer;
let home: string;
let work: string;

beforeEach(async () => {
  server = await startTestServer({ idleMs: 60_000 });
  home = await mkdtemp(join(tmpdir(), 'slipway-client-'));
  work = join(home, 'work');
  await mkdir(work);
  await client(work, 'init', '-q', '-b', 'main');
  await client(work, 'remote', 'add', 'origin', server.app);
  await commit('one');
});

afterEach(async () => {
  await server.close();
  await rm(home, { recursive: true, force: true });
});

async function commit(text: string): Promise<string> {
  await writeFile(join(work, 'file.txt'), text);
  await client(work, 'add', '-A');
  await client(work, 'commit', '-q', '-m', text);
  return (await client(work, 'rev-parse', 'HEAD')).stdout.trim();
}

function post(
  path: string,
  body: Uint8Array,
  headers: Readonly<Record<string, string>> = {},
): Promise<Response> {
  return fetch(`${server.address}${path}`, {
    method: 'POST',
    body,
    headers: {
      Authorization: `Basic ${Buffer.from('ada:secret').toString('base64')}`,
      'Content-Type': 'application/x-git-receive-pack-request',
      ...headers,
    },
  });
}

describe('a push', () => {
  test('is told to the receiver before the client is answered, and its lines are shown', async () => {
    const sha = (await client(work, 'rev-parse', 'HEAD')).stdout.trim();
    server.onPush = async () => ['View the pipeline at http://here/pipelines/1'];
    const pushed = await client(
      work,
      'push',
      '-o',
      'ci.variable=A=b=c',
      '-o',
      'ci.input=env=dev',
      'origin',
      'main',
    );
    expect(pushed).toMatchObject({
      code: 0,
      stderr: expect.stringContaining('remote: View the pipeline at http://here/pipelines/1'),
    });
    expect(server.pushes).toEqual([
      {
        project: { id: 1, path: 'team/app' },
        user: { id: 'ada', name: 'ada' },
        updates: [{ ref: 'refs/heads/main', before: null, after: sha }],
        options: { skip: false, variables: new Map([['A', 'b=c']]), inputs: new Map([['env', 'dev']]) },
      },
    ]);
    expect(server.failures).toEqual([]);
  });

  test('can be cloned and fetched, with every version of the protocol', async () => {
    await client(work, 'push', 'origin', 'main');
    for (const version of ['0', '1', '2']) {
      const copy = join(home, `copy${version}`);
      const cloned = await client(home, '-c', `protocol.version=${version}`, 'clone', '-q', server.app, copy);
      expect(cloned.stderr).toBe('');
      expect(await readFile(join(copy, 'file.txt'), 'utf8')).toBe('one');
    }
    await commit('two');
    await client(work, 'push', 'origin', 'main');
    const copy = join(home, 'copy0');
    expect((await client(copy, 'pull', '-q')).code).toBe(0);
    expect(await readFile(join(copy, 'file.txt'), 'utf8')).toBe('two');
  });

  test('is known although nobody waits for its answer', async () => {
    let release = (): void => undefined;
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    const arrived = new Promise<void>((resolve) => {
      server.onPush = async () => {
        resolve();
        await held;
        return ['line'];
      };
    });
    const pushing = client(work, 'push', 'origin', 'main');
    await arrived;
    // Not acknowledged: the client is still waiting.
    const first = await Promise.race([pushing.then(() => 'answered'), Promise.resolve('waiting')]);
    expect(first).toBe('waiting');
    release();
    expect((await pushing).code).toBe(0);
  });

  test('is kept when its record fails, and reconciling finds it', async () => {
    server.onPush = async () => {
      throw new Error('no database');
    };
    const pushed = await client(work, 'push', 'origin', 'main');
    expect(pushed.code).toBe(0);
    expect(pushed.stderr).toContain('could not start its pipeline yet');
    expect(server.failures).toHaveLength(1);
    const tips = await readRefTips(server.repositories.folderOf(1));
    expect(updatesBetween(new Map(), tips)).toEqual(server.pushes[0]?.updates);
    expect(updatesBetween(tips, tips)).toEqual([]);
  });

  test('with an option that means nothing is refused with the reason', async () => {
    const pushed = await client(work, 'push', '-o', 'ci.variable=1A=x', 'origin', 'main');
    expect(pushed.code).not.toBe(0);
    expect(pushed.stderr).toContain('remote: ci.variable: 1A is no name that it can have');
    expect(pushed.stderr).toContain('push option not valid');
    expect(server.pushes).toEqual([]);
    expect((await readRefTips(server.repositories.folderOf(1))).size).toBe(0);
  });

  test('with an option of another service goes through with a warning', async () => {
    const pushed = await client(work, 'push', '-o', 'merge_request.create', 'origin', 'main');
    expect(pushed).toMatchObject({
      code: 0,
      stderr: expect.stringContaining('merge_request.create is not known'),
    });
  });

  test.each(['side-band-64k', 'side-band', ''])(
    'of a name that is not UTF-8 is refused in its report, with %j',
    async (sideband) => {
      const line = Buffer.from(
        `${'0'.repeat(40)} ${'0'.repeat(40)} refs/heads/bad\xff\0report-status ${sideband}`,
        'latin1',
      );
      const other = packet(`${'0'.repeat(40)} ${'0'.repeat(40)} refs/heads/good`);
      const body = Buffer.concat([packet(line), other, Buffer.from('0000')]);
      const answer = await post('/team/app.git/git-receive-pack', body);
      const whole = Buffer.from(await answer.arrayBuffer()).toString('latin1');
      expect(whole.slice(4, 5) === '\u0001').toBe(sideband !== '');
      expect(whole).toContain('unpack This push is not taken: the name of a ref is not UTF-8.\n');
      expect(whole).toContain('ng refs/heads/bad\xff the name of a ref is not UTF-8\n');
      expect(whole).toContain('ng refs/heads/good the name of a ref is not UTF-8\n');
      expect(whole).not.toContain('ERR');
    },
  );

  test('of a name that is not UTF-8 is refused with the reason, and nothing of it is done', async () => {
    const pushed = await client(work, ...PUSH_OF_BYTES);
    expect(pushed.code).not.toBe(0);
    expect(pushed.stderr).toContain('This push is not taken: the name of a ref is not UTF-8.');
    expect(pushed.stderr).toContain('[remote rejected]');
    expect(pushed.stderr).not.toContain('protocol error');
    expect((await readRefTips(server.repositories.folderOf(1))).size).toBe(0);
  });

  test('that asks for no report is refused', async () => {
    const line = `${'0'.repeat(40)} ${'1'.repeat(40)} refs/heads/x\0 delete-refs`;
    const answer = await post(
      '/team/app.git/git-receive-pack',
      Buffer.concat([packet(line), Buffer.from('0000')]),
    );
    expect(await answer.text()).toContain('this git is too old');
  });
});

describe('protected refs', () => {
  test('are refused one by one, the others go through', async () => {
    server.rule = ({ ref }) =>
      ref === 'refs/heads/main' ? { kind: 'refused', why: 'main is protected' } : { kind: 'allowed' };
    const pushed = await client(work, 'push', 'origin', 'main', 'main:free', 'main:mainly');
    expect(pushed.code).not.toBe(0);
    expect(pushed.stderr).toContain('remote: refs/heads/main: main is protected');
    expect(server.pushes.flatMap(({ updates }) => updates.map(({ ref }) => ref)).sort()).toEqual([
      'refs/heads/free',
      'refs/heads/mainly',
    ]);
  });

  test('stop all of an atomic push', async () => {
    server.rule = ({ ref }) =>
      ref === 'refs/heads/main' ? { kind: 'refused', why: 'main is protected' } : { kind: 'allowed' };
    const pushed = await client(work, 'push', '--atomic', 'origin', 'main', 'main:free');
    expect(pushed.code).not.toBe(0);
    expect(server.pushes).toEqual([]);
    expect((await readRefTips(server.repositories.folderOf(1))).size).toBe(0);
  });

  test('that only go forward keep what was there', async () => {
    server.rule = () => ({ kind: 'forward-only', why: 'no commit may be taken away' });
    expect((await client(work, 'push', 'origin', 'main')).code).toBe(0);
    await commit('two');
    expect((await client(work, 'push', 'origin', 'main')).code).toBe(0);
    await client(work, 'reset', '-q', '--hard', 'HEAD~1');
    await commit('other');
    const forced = await client(work, 'push', '--force', 'origin', 'main');
    expect(forced.code).not.toBe(0);
    expect(forced.stderr).toContain('no commit may be taken away');
    expect((await client(work, 'push', 'origin', ':main')).code).not.toBe(0);
    expect(server.pushes).toHaveLength(2);
  });

  test('do not tell how to delete the default branch, which nobody can, while others go', async () => {
    await client(work, 'push', 'origin', 'main', 'main:side');
    const deleted = await client(work, 'push', 'origin', ':main', ':side');
    expect(deleted.code).not.toBe(0);
    expect(deleted.stderr).toContain(
      'remote: refs/heads/main: this is the default branch of the project; it cannot be deleted while it is that',
    );
    expect(deleted.stderr).not.toMatch(/denyDeleteCurrent|current branch/);
    expect([...(await readRefTips(server.repositories.folderOf(1))).keys()]).toEqual(['refs/heads/main']);
  });

  test.each([
    'refs/pipelines/1',
    'refs/keep-around/x',
    'refs/remotes/origin/x',
    'refs/heads/refs/heads/x',
    `refs/heads/${'a'.repeat(40)}`,
  ])("%s is nobody's to push", async (ref) => {
    expect((await client(work, 'push', 'origin', `main:${ref}`)).code).not.toBe(0);
    expect(server.pushes).toEqual([]);
  });

  test('no hook of the repository is run', async () => {
    const marker = join(server.root, 'ran');
    const hooks = join(server.repositories.folderOf(1), 'hooks');
    await mkdir(hooks);
    for (const hook of ['pre-receive', 'update', 'post-receive', 'post-update', 'reference-transaction']) {
      await writeFile(join(hooks, hook), `#!/bin/sh\ntouch '${marker}'\n`, { mode: 0o755 });
    }
    expect((await client(work, 'push', 'origin', 'main')).code).toBe(0);
    await expect(readFile(marker)).rejects.toThrow('ENOENT');
  });
});

test('a job fetches the ref of a pipeline by its name, and nobody else sees it', async () => {
  const sha = await commit('two');
  await client(work, 'push', 'origin', 'main');
  await client(server.repositories.folderOf(1), 'update-ref', 'refs/pipelines/7', sha);
  for (const version of ['0', '2']) {
    const runner = join(home, `runner${version}`);
    await client(home, 'init', '-q', runner);
    const fetched = await client(
      runner,
      '-c',
      `protocol.version=${version}`,
      'fetch',
      '-q',
      '--depth',
      '1',
      server.app.replace('ada:', 'job:'),
      '+refs/pipelines/7:refs/pipelines/7',
    );
    expect(fetched.stderr).toBe('');
    expect((await client(runner, 'rev-parse', 'refs/pipelines/7')).stdout.trim()).toBe(sha);
  }
  expect((await client(home, 'ls-remote', server.app)).stdout).not.toContain('refs/pipelines');
  await client(home, 'clone', '-q', '--mirror', server.app, 'clone');
  expect((await client(join(home, 'clone'), 'for-each-ref', 'refs/pipelines')).stdout).toBe('');
});

describe('who may do what', () => {
  const service = 'info/refs?service=git-upload-pack';
  test.each([
    ['nobody reads a private project', `team/app.git/${service}`, null, 401],
    ['nobody reads what is not there', `team/none.git/${service}`, null, 401],
    ['a wrong password', `open/lib.git/${service}`, 'ada:wrong', 401],
    ['what is no Basic header', `open/lib.git/${service}`, ':', 401],
    ['somebody else reads a private project', `team/app.git/${service}`, 'bob:secret', 404],
    ['somebody else reads what is not there', `team/none.git/${service}`, 'bob:secret', 404],
    ['everybody reads an open project', `open/lib.git/${service}`, null, 200],
    ['without .git', `open/lib/${service}`, null, 200],
    ['nobody pushes to an open project', 'open/lib.git/info/refs?service=git-receive-pack', null, 401],
    ['a reader does not push', 'open/lib.git/info/refs?service=git-receive-pack', 'bob:secret', 403],
    ['the old protocol', 'team/app.git/info/refs', 'ada:secret', 403],
    ['files by their names', 'team/app.git/objects/info/packs', 'ada:secret', 403],
    ['another service', 'team/app.git/info/refs?service=git-upload-archive', 'ada:secret', 403],
    ['an option for a service', 'team/app.git/info/refs?service=--upload-pack=x', 'ada:secret', 403],
    ['a way up', `..%2f..%2fetc.git/${service}`, 'ada:secret', 404],
    ['a way up in parts', `team/%2e%2e/app.git/${service}`, 'ada:secret', 404],
    ['an option for a path', `--upload-pack=x/app.git/${service}`, 'ada:secret', 404],
    ['a NUL', `team/a%00b.git/${service}`, 'ada:secret', 404],
  ])('%s: %s', async (_name, path, user, status) => {
    const headers: Record<string, string> =
      user === null ? {} : { Authorization: `Basic ${Buffer.from(user).toString('base64')}` };
    const answer = await fetch(`${server.address}/${path}`, { headers });
    expect(answer.status).toBe(status);
    expect(answer.headers.has('www-authenticate')).toBe(status === 401);
    await answer.arrayBuffer();
  });

  test('a private project and none have the same answer but for the name', async () => {
    const texts = await Promise.all(
      ['app', 'nil'].map(async (name) => {
        const answer = await fetch(`${server.address}/team/${name}.git/${service}`, {
          headers: { Authorization: `Basic ${Buffer.from('bob:secret').toString('base64')}` },
        });
        return (await answer.text()).replace(name, 'X');
      }),
    );
    expect(texts[0]).toBe(texts[1]);
  });
});

describe('hostile requests', () => {
  test('a gzip bomb is stopped at the limit', async () => {
    const small = await startTestServer({ fetchRequestBytes: 20_000 });
    const answer = await fetch(`${small.address}/open/lib.git/git-upload-pack`, {
      method: 'POST',
      body: gzipSync(Buffer.alloc(10_000_000)),
      headers: { 'Content-Encoding': 'gzip', 'Content-Type': 'application/x-git-upload-pack-request' },
    });
    expect(answer.status).toBe(413);
    expect(small.failures).toEqual([]);
    await small.close();
  });

  test('a gzipped request is understood', async () => {
    await client(work, 'push', 'origin', 'main');
    const sha = (await client(work, 'rev-parse', 'HEAD')).stdout.trim();
    const line = `${sha} ${'0'.repeat(40)} refs/heads/main\0 report-status delete-refs`;
    const answer = await post(
      '/team/app.git/git-receive-pack',
      gzipSync(Buffer.concat([packet(line), Buffer.from('0000')])),
      { 'Content-Encoding': 'gzip' },
    );
    expect(await answer.text()).toContain('unpack ok');
    expect(server.pushes).toHaveLength(2 - (await readRefTips(server.repositories.folderOf(1))).size);
  });

  test.each([
    ['no packets', Buffer.from('GET / HTTP')],
    ['a list that ends early', packet(`${'0'.repeat(40)} ${'1'.repeat(40)} refs/heads/x\0report-status`)],
    [
      'a ref with a line break',
      Buffer.concat([packet(`${'0'.repeat(40)} ${'1'.repeat(40)} refs/heads/x\ny\0`), Buffer.from('0000')]),
    ],
    [
      'a ref that is an option',
      Buffer.concat([
        packet(`${'0'.repeat(40)} ${'1'.repeat(40)} --force\0report-status`),
        Buffer.from('0000'),
      ]),
    ],
    [
      'a pack that is cut off',
      Buffer.concat([
        packet(`${'0'.repeat(40)} ${'1'.repeat(40)} refs/heads/x\0report-status`),
        Buffer.from('0000PACK'),
      ]),
    ],
  ])('%s changes nothing', async (_name, body) => {
    const answer = await post('/team/app.git/git-receive-pack', body);
    await answer.text();
    expect(server.pushes).toEqual([]);
    expect((await readRefTips(server.repositories.folderOf(1))).size).toBe(0);
    expect((await client(work, 'push', 'origin', 'main')).code).toBe(0);
  });

  test('a list of refs without end is refused at its limit', async () => {
    const line = (index: number): Buffer =>
      packet(
        `${'0'.repeat(40)} ${'1'.repeat(40)} refs/heads/x${index}${index === 0 ? '\0report-status' : ''}`,
      );
    const body = Buffer.concat(Array.from({ length: 20_001 }, (_, index) => line(index)));
    const answer = await post('/team/app.git/git-receive-pack', body);
    expect(await answer.text()).toContain('it changes more than 20000 refs at once');
  });

  test('a push that is broken off changes nothing and leaves no lock', async () => {
    const head = Buffer.concat([
      packet(`${'0'.repeat(40)} ${'1'.repeat(40)} refs/heads/x\0report-status`),
      Buffer.from('0000PACK'),
    ]);
    const socket = connect(Number(new URL(server.address).port), '127.0.0.1');
    const auth = Buffer.from('ada:secret').toString('base64');
    socket.write(
      `POST /team/app.git/git-receive-pack HTTP/1.1\r\nHost: x\r\nAuthorization: Basic ${auth}\r\n` +
        `Content-Type: application/x-git-receive-pack-request\r\nContent-Length: 100000\r\n\r\n`,
    );
    socket.write(head);
    await new Promise((resolve) => setImmediate(resolve));
    socket.destroy();
    await once(socket, 'close');
    expect((await client(work, 'push', 'origin', 'main')).code).toBe(0);
    expect(server.pushes).toHaveLength(1);
  });

  test('a client that asks first is told to go on', async () => {
    const socket = connect(Number(new URL(server.address).port), '127.0.0.1');
    const auth = Buffer.from('ada:secret').toString('base64');
    socket.write(
      `POST /team/app.git/git-receive-pack HTTP/1.1\r\nHost: x\r\nAuthorization: Basic ${auth}\r\n` +
        'Content-Type: application/x-git-receive-pack-request\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n',
    );
    const [first]: unknown[] = await once(socket, 'data');
    expect(String(first)).toContain('100 Continue');
    socket.write('0000');
    const [second]: unknown[] = await once(socket, 'data');
    expect(String(second)).toContain('200 OK');
    socket.destroy();
  });
});

test('many clients that send nothing do not keep others away', async () => {
  const port = Number(new URL(server.address).port);
  const auth = Buffer.from('ada:secret').toString('base64');
  const slow = await Promise.all(
    Array.from({ length: 1_000 }, async () => {
      const socket = connect(port, '127.0.0.1');
      await once(socket, 'connect');
      socket.on('error', () => undefined);
      socket.write(
        `POST /team/app.git/git-receive-pack HTTP/1.1\r\nHost: x\r\nAuthorization: Basic ${auth}\r\n` +
          'Content-Type: application/x-git-receive-pack-request\r\nTransfer-Encoding: chunked\r\n\r\n3\r\n00a\r\n',
      );
      return socket;
    }),
  );
  expect((await client(work, 'push', 'origin', 'main')).code).toBe(0);
  for (const socket of slow) socket.destroy();
});

test('a client that stops is let go', async () => {
  const other = await startTestServer({ idleMs: 200 });
  const socket = connect(Number(new URL(other.address).port), '127.0.0.1');
  const auth = Buffer.from('ada:secret').toString('base64');
  socket.write(
    `POST /team/app.git/git-receive-pack HTTP/1.1\r\nHost: x\r\nAuthorization: Basic ${auth}\r\n` +
      'Content-Type: application/x-git-receive-pack-request\r\nTransfer-Encoding: chunked\r\n\r\n3\r\n00a\r\n',
  );
  socket.on('error', () => undefined);
  await once(socket, 'close');
  await other.close();
});

test('large objects go both ways, in chunks', async () => {
  const { randomBytes } = await import('node:crypto');
  await writeFile(join(work, 'large'), randomBytes(8_000_000));
  await commit('large');
  expect(
    (await clientWith({}, work, '-c', 'http.postBuffer=65536', 'push', '-q', 'origin', 'main')).code,
  ).toBe(0);
  await client(home, 'clone', '-q', server.app, 'clone');
  expect(await readFile(join(home, 'clone/large'))).toEqual(await readFile(join(work, 'large')));
});
