import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { PUSH_OF_BYTES } from '../test-support/git-server.ts';
import { startTestSsh, type TestSsh } from '../test-support/ssh-client.ts';

let server: TestSsh;
let work: string;

beforeEach(async () => {
  server = await startTestSsh();
  work = join(server.home, 'work');
  await mkdir(work);
  await server.git('ada', work, 'init', '-q', '-b', 'main');
  await server.git('ada', work, 'remote', 'add', 'origin', server.ssh('team/app'));
  await commit('one');
});
afterEach(async () => {
  await server.close();
  await rm(server.home, { recursive: true, force: true });
});

async function commit(text: string): Promise<string> {
  await writeFile(join(work, 'file.txt'), text);
  await server.git('ada', work, 'add', '-A');
  await server.git('ada', work, 'commit', '-q', '-m', text);
  return (await server.git('ada', work, 'rev-parse', 'HEAD')).stdout.trim();
}

describe('a push over SSH', () => {
  test('is understood as over HTTP, before the client is answered', async () => {
    const sha = await commit('two');
    server.onPush = async () => ['View the pipeline at http://here/pipelines/1'];
    const pushed = await server.git('ada', work, 'push', '-o', 'ci.variable=A=b', 'origin', 'main');
    expect(pushed).toMatchObject({
      code: 0,
      stderr: expect.stringContaining('remote: View the pipeline at'),
    });
    expect(server.pushes).toMatchObject([
      {
        project: { id: 1, path: 'team/app' },
        user: { id: 'ada', name: 'ada' },
        updates: [{ ref: 'refs/heads/main', before: null, after: sha }],
        options: { variables: new Map([['A', 'b']]) },
      },
    ]);
    expect(server.failures).toEqual([]);
  });

  test('of a name that is not UTF-8 is refused with the reason', async () => {
    const pushed = await server.git('ada', work, ...PUSH_OF_BYTES);
    expect(pushed.code).not.toBe(0);
    expect(pushed.stderr).toContain('This push is not taken: the name of a ref is not UTF-8.');
    expect(pushed.stderr).toContain('[remote rejected]');
    expect(pushed.stderr).not.toContain('protocol error');
  });

  test.each(['0', '1', '2'])(
    'and clone, fetch and delete, with version %s of the protocol',
    async (version) => {
      const git = (folder: string, ...args: readonly string[]) =>
        server.git('ada', folder, '-c', `protocol.version=${version}`, ...args);
      expect((await git(work, 'push', '-q', 'origin', 'main', 'main:side')).stderr).toBe('');
      expect((await git(server.home, 'clone', '-q', server.ssh('team/app'), 'copy')).stderr).toBe('');
      const copy = join(server.home, 'copy');
      await commit('two');
      expect((await git(work, 'push', '-q', 'origin', 'main')).code).toBe(0);
      expect((await git(copy, 'pull', '-q')).code).toBe(0);
      expect(await readFile(join(copy, 'file.txt'), 'utf8')).toBe('two');
      expect(await git(work, 'push', 'origin', 'main')).toMatchObject({
        ...{ code: 0, stderr: expect.stringContaining('up-to-date') },
      });
      expect((await git(work, 'push', '-q', 'origin', ':side')).code).toBe(0);
      expect(server.pushes.at(-1)?.updates).toMatchObject([{ ref: 'refs/heads/side', after: null }]);
      expect(server.failures).toEqual([]);
    },
  );

  test('is refused for protected refs and wrong options, with the reason', async () => {
    server.rule = ({ ref }) =>
      ref === 'refs/heads/main' ? { kind: 'refused', why: 'main is protected' } : { kind: 'allowed' };
    const pushed = await server.git('ada', work, 'push', 'origin', 'main', 'main:free');
    expect(pushed.stderr).toContain('remote: refs/heads/main: main is protected');
    expect(server.pushes.flatMap(({ updates }) => updates.map(({ ref }) => ref))).toEqual([
      'refs/heads/free',
    ]);
    await writeFile(join(work, 'large'), Buffer.alloc(3_000_000, Math.random().toString()));
    await commit('two');
    const wrong = await server.git('ada', work, 'push', '-o', 'ci.variable=1A=x', 'origin', 'HEAD:other');
    expect(wrong.code).not.toBe(0);
    expect(wrong.stderr).toContain('remote: ci.variable: 1A is no name that it can have');
    expect(server.pushes).toHaveLength(1);
  });

  test('that the record fails for is kept, and the person told', async () => {
    server.onPush = async () => {
      throw new Error('no database');
    };
    const pushed = await server.git('ada', work, 'push', 'origin', 'main');
    expect(pushed).toMatchObject({
      code: 0,
      stderr: expect.stringContaining('could not start its pipeline yet'),
    });
  });
});

describe('who may do what', () => {
  test.each([
    ['bob', 'open/lib', 'fetch', 0, ''],
    ['bob', 'open/lib', 'push', 128, 'You may not push to open/lib.'],
    ['bob', 'team/app', 'fetch', 128, 'There is no project team/app, or you may not see it.'],
    ['bob', 'team/none', 'fetch', 128, 'There is no project team/none, or you may not see it.'],
    ['eve', 'open/lib', 'fetch', 128, 'Permission denied (publickey)'],
    ['rsa', 'team/app', 'push', 0, ''],
  ] as const)('%s at %s: %s', async (who, project, what, code, said) => {
    const args =
      what === 'push' ? ['push', '-q', server.ssh(project), 'main'] : ['ls-remote', server.ssh(project)];
    const ran = await server.git(who, work, ...args);
    expect(ran.stderr).toContain(said);
    expect(ran.code).toBe(code);
  });

  test('a key is shown to be right, and there is no shell', async () => {
    const greeted = await server.openssh('ada', '-T', 'git@127.0.0.1');
    expect(greeted).toMatchObject({ code: 0, stderr: expect.stringContaining('Welcome to Slipway, ada.') });
    const other = await server.openssh('ada', 'root@127.0.0.1', "git-upload-pack 'team/app.git'");
    expect(other).toMatchObject({ code: 255, stderr: expect.stringContaining('Permission denied') });
  });

  test('SHA-1 signatures are not believed', async () => {
    const old = ['-o', 'PubkeyAcceptedAlgorithms=ssh-rsa', '-o', 'HostKeyAlgorithms=+ssh-rsa'];
    const ran = await server.openssh('rsa', ...old, '-T', 'git@127.0.0.1');
    expect(ran).toMatchObject({ code: 255, stderr: expect.stringContaining('Permission denied') });
  });
});
