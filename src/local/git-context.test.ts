import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { parseRemote } from '../includes/index.ts';
import { remarkOnCommit, remarkOnRef } from './context-remarks.ts';
import { type ContextRequest, contextForRun } from './git-context.ts';
import { pushRequest } from './test-support/push-request.ts';

let repository: string;

beforeEach(() => {
  repository = mkdtempSync(join(tmpdir(), 'slipway-context-'));
  git('init', '--quiet', '--initial-branch=main');
  git('config', 'user.name', 'Ada Lovelace');
  git('config', 'user.email', 'ada@example.org');
  commit('first.txt', 'First things\n\nin a body');
});

afterEach(() => rmSync(repository, { recursive: true, force: true }));

describe('a push', () => {
  test('takes commit, author, branch and user from git', async () => {
    const context = await contextForRun(request());
    expect(context.commit.sha).toMatch(/^[0-9a-f]{40}$/);
    expect(context.commit.author).toBe('Ada Lovelace <ada@example.org>');
    expect(context.commit.message).toBe('First things\n\nin a body\n');
    expect(context.ref).toEqual({ name: 'main', kind: 'branch', protected: true });
    expect(context.user).toMatchObject({ login: 'ada', name: 'Ada Lovelace' });
  });

  test('of a branch that no remote has is a new branch: no diff is known', async () => {
    const context = await contextForRun(request());
    expect(context.changedFiles).toBeNull();
    expect(context.commit.beforeSha).toBe('0'.repeat(40));
  });

  test('runs no filter or signature checker that the repository names', async () => {
    git('update-ref', 'refs/remotes/origin/main', 'HEAD');
    const pwned = join(repository, '.git', 'pwned');
    for (const key of ['filter.evil.clean', 'filter.evil.process', 'gpg.program']) {
      git('config', key, `touch ${pwned}; cat #`);
    }
    git('config', 'filter.evil.required', 'true');
    git('config', 'log.showSignature', 'true');
    writeFileSync(join(repository, '.gitattributes'), '* filter=evil\n');
    writeFileSync(join(repository, 'first.txt'), 'edited');
    const context = await contextForRun(request());
    expect(context.changedFiles).toEqual(['.gitattributes', 'first.txt']);
    expect(existsSync(pwned)).toBe(false);
  });

  test('changes what differs from the remote branch, uncommitted and new files included', async () => {
    const before = git('rev-parse', 'HEAD');
    git('update-ref', 'refs/remotes/origin/main', 'HEAD');
    commit('second.txt', 'Second');
    writeFileSync(join(repository, 'first.txt'), 'edited');
    writeFileSync(join(repository, 'new file.txt'), '');
    writeFileSync(join(repository, '.gitignore'), 'ignored\n');
    writeFileSync(join(repository, 'ignored'), '');
    const context = await contextForRun(request());
    expect(context.changedFiles).toEqual(['.gitignore', 'first.txt', 'new file.txt', 'second.txt']);
    expect(context.commit.beforeSha).toBe(before);
  });

  test('of a folder in the repository changes what is below it, by the names seen from there', async () => {
    git('update-ref', 'refs/remotes/origin/main', 'HEAD');
    mkdirSync(join(repository, 'service/src'), { recursive: true });
    commit('service/committed.txt', 'Service');
    commit('elsewhere.txt', 'Elsewhere');
    writeFileSync(join(repository, 'service/src/new.txt'), '');
    const context = await contextForRun(request({ repository: join(repository, 'service') }));
    expect(context.changedFiles).toEqual(['committed.txt', 'src/new.txt']);
  });

  test('of nothing new looks at the last commit', async () => {
    commit('second.txt', 'Second');
    git('update-ref', 'refs/remotes/origin/main', 'HEAD');
    expect((await contextForRun(request())).changedFiles).toEqual(['second.txt']);
  });
});

describe('other sources', () => {
  test('a merge request compares with the merge base of its target', async () => {
    git('checkout', '--quiet', '-b', 'topic');
    commit('topic.txt', 'Topic');
    const context = await contextForRun(request({ source: 'merge_request_event' }));
    expect(context.mergeRequest).toMatchObject({ sourceBranch: 'topic', targetBranch: 'main' });
    expect(context.changedFiles).toEqual(['topic.txt']);
  });

  test('a schedule knows no diff', async () => {
    git('update-ref', 'refs/remotes/origin/main', 'HEAD');
    expect((await contextForRun(request({ source: 'schedule' }))).changedFiles).toBeNull();
  });

  test('a tag pipeline takes the tag at HEAD and its message', async () => {
    git('tag', '-a', 'v1.0.0', '-m', 'The first release');
    const context = await contextForRun(request({ tag: true }));
    expect(context.ref).toMatchObject({ name: 'v1.0.0', kind: 'tag' });
    expect(context.commit.tagMessage).toBe('The first release');
  });

  test('a tag pipeline without a tag says how to name one', async () => {
    await expect(contextForRun(request({ tag: true }))).rejects.toMatchObject({ code: 'no-tag' });
  });

  test('a ref that looks like an option is only a name', async () => {
    const context = await contextForRun(request({ ref: '--output=/tmp/x' }));
    expect(context.ref.name).toBe('--output=/tmp/x');
  });
});

test('a folder without git has an all-zero commit', async () => {
  rmSync(join(repository, '.git'), { recursive: true });
  expect((await contextForRun(request())).commit.sha).toBe('0'.repeat(40));
});

test('a repository without a commit has an all-zero one, too', async () => {
  rmSync(join(repository, '.git'), { recursive: true });
  git('init', '--quiet', '--initial-branch=topic');
  const context = await contextForRun(request());
  expect(context).toMatchObject({ commit: { sha: '0'.repeat(40) }, ref: { name: 'topic' } });
  expect(remarkOnCommit(context)).toContain('no git commit');
});

test.each([
  ['HEAD', 'garbage'],
  ['HEAD', '1234567890123456789012345678901234567890'],
  ['refs/heads/main', 'garbage'],
  ['refs/heads/main', '1234567890123456789012345678901234567890'],
])('a repository whose %s is damaged (%s) is refused, not taken for none', async (file, text) => {
  writeFileSync(join(repository, '.git', file), `${text}\n`);
  await expect(contextForRun(request())).rejects.toMatchObject({ code: 'git-failed' });
});

test.each([
  ['main', null],
  ['same', null],
  ['v1', null],
  ['before', 'is at another commit'],
  ['nowhere', 'is no branch or tag of this repository'],
])('of --ref %s it is said: %s', async (ref, said) => {
  git('branch', 'before');
  commit('second.txt', 'Second');
  git('branch', 'same');
  git('tag', '-a', 'v1', '-m', 'One');
  const remark = await remarkOnRef(repository, ref, await contextForRun(request({ ref })));
  expect(remark).toEqual(said === null ? null : expect.stringContaining(said));
});

test.each([
  ['git@example.org:group/sub/name.git', 'https://example.org', 'group/sub/name', 22],
  ['https://user:secret@example.org/group/name', 'https://example.org', 'group/name', 22],
  ['https://example.org:8443/group/name.git', 'https://example.org:8443', 'group/name', 22],
  ['http://example.org/group/name.git/', 'http://example.org', 'group/name', 22],
  ['ssh://git@example.org:2222/group/name.git', 'https://example.org', 'group/name', 2222],
])('the remote %s', (url, server, path, sshPort) => {
  expect(parseRemote(url)).toEqual({ server, path, sshPort });
});

test('a remote whose host is none names no project', () => {
  expect(parseRemote('https://exa mple/group/name')).toBeNull();
});

test('a remote that is a folder names no project', () => {
  expect(parseRemote('/srv/git/name.git')).toBeNull();
});

function request(part: Partial<ContextRequest> = {}): ContextRequest {
  return pushRequest(repository, part);
}

function commit(file: string, message: string): void {
  writeFileSync(join(repository, file), file);
  git('add', '--', file);
  git('commit', '--quiet', '-m', message);
}

function git(...args: string[]): string {
  return execFileSync('git', ['-C', repository, ...args], { encoding: 'utf8' }).trim();
}
