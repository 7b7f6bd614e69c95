import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { OpenedComponent, Sources } from '../../config/index.ts';
import { type GitHttpServer, serveGit } from '../../includes/test-support/git-http-server.ts';
import { git, makeRepository, publish } from '../../includes/test-support/repository.ts';
import { LOCK_FILE } from './lock-file.ts';
import { openSources, type SourcesRequest } from './open-sources.ts';

const TOKEN = 'glpat-very-secret';

let base = '';
let served: GitHttpServer;
let root = '';
let warnings: string[] = [];

beforeAll(async () => {
  base = mkdtempSync(join(tmpdir(), 'slipway-elsewhere-'));
  makeRepository(join(base, 'lib'), {
    main: { 'a.yml': 'a: 1\n', 'b.yml': 'b: 1\n' },
    '1.0.0': { 'a.yml': 'a: tag\n' },
  });
  publish(join(base, 'lib'), join(base, 'served/group/lib.git'));
  served = await serveGit(join(base, 'served'), TOKEN);
});
afterAll(async () => {
  await served.close();
  rmSync(base, { recursive: true, force: true });
});
beforeEach(() => {
  root = mkdtempSync(join(base, 'root-'));
  warnings = [];
  served.requests.length = 0;
});

function open(more: Partial<SourcesRequest> = {}): Sources {
  return openSources({
    root,
    ownPath: 'group/own',
    server: served.url,
    checkouts: new Map(),
    allowedHosts: [],
    mode: 'normal',
    environment: {
      PATH: process.env.PATH,
      HOME: base,
      XDG_CACHE_HOME: join(root, 'cache'),
      SLIPWAY_TOKEN: TOKEN,
    },
    warn: (message) => warnings.push(message),
    ...more,
  });
}

async function read(sources: Sources, path = 'a.yml', ref: string | null = 'main'): Promise<unknown> {
  return fileOf(await sources.elsewhere.openProject('group/lib', ref), path);
}

async function fileOf(
  opened: { readonly kind: string } & Partial<OpenedComponent>,
  path: string,
): Promise<unknown> {
  return 'files' in opened && opened.files !== undefined ? opened.files.readFile(path) : opened;
}

const text = (content: string) => ({ kind: 'text', text: content });

describe('what was fetched once', () => {
  test('is the same the next time, without asking, until it is refreshed', async () => {
    expect(await read(open())).toEqual(text('a: 1\n'));
    const lock = readFileSync(join(root, LOCK_FILE), 'utf8');
    served.requests.length = 0;

    const bare = join(base, 'served/group/lib.git');
    const before = git(bare, 'rev-parse', 'main');
    writeFileSync(join(base, 'lib/a.yml'), 'a: 2\n');
    git(join(base, 'lib'), 'commit', '-qam', 'two');
    git(join(base, 'lib'), 'push', '-q', bare, 'main');
    expect(await read(open())).toEqual(text('a: 1\n'));
    expect(await read(open({ mode: 'offline', server: 'http://127.0.0.1:1' }))).toMatchObject({
      kind: 'unavailable',
    });
    expect(await read(open({ mode: 'offline' }))).toEqual(text('a: 1\n'));
    expect(served.requests).toEqual([]);
    expect(readFileSync(join(root, LOCK_FILE), 'utf8')).toBe(lock);

    expect(await read(open({ mode: 'refresh' }))).toEqual(text('a: 2\n'));
    expect(readFileSync(join(root, LOCK_FILE), 'utf8')).toContain(git(bare, 'rev-parse', 'main'));
    git(bare, 'update-ref', 'refs/heads/main', before);
  });

  test('is written down sorted, with a commit for each ref and a digest for each file, and no secret', async () => {
    const sources = open();
    const opened = await sources.elsewhere.openProject('group/lib', 'main');
    await Promise.all(['b.yml', 'a.yml', 'none.yml'].map((path) => fileOf(opened, path)));
    const lock = readFileSync(join(root, LOCK_FILE), 'utf8');
    const name = `${served.url}/group/lib`;
    const sha = git(join(base, 'served/group/lib.git'), 'rev-parse', 'main');
    const digest = expect.stringMatching(/^sha256-.{44}$/);
    expect(JSON.parse(lock)).toEqual({
      version: 1,
      projects: {
        [name]: {
          refs: { main: { commit: sha } },
          commits: { [sha]: { list: digest, files: { 'a.yml': digest, 'b.yml': digest } } },
        },
      },
      remotes: {},
    });
    expect(lock).not.toContain(TOKEN);
  });

  test('and is not asked for again stays when the rest is refreshed', async () => {
    await read(open());
    await read(open(), 'a.yml', '1.0.0');
    const lock = readFileSync(join(root, LOCK_FILE), 'utf8');
    await read(open({ mode: 'refresh', server: 'http://127.0.0.1:1' }));
    await read(open({ mode: 'refresh' }), 'a.yml', '1.0.0');
    expect(readFileSync(join(root, LOCK_FILE), 'utf8')).toBe(lock);
  });

  test('and is damaged in the cache is said, and fetched again', async () => {
    await read(open());
    const cache = join(root, 'cache/slipway/includes');
    const files = readdirSync(cache, { recursive: true, withFileTypes: true }).filter((entry) =>
      entry.isFile(),
    );
    for (const file of files) writeFileSync(join(file.parentPath, file.name), 'evil: {script: rm}\n');
    expect(await read(open({ mode: 'offline' }))).toMatchObject({ kind: 'unavailable' });
    expect(await read(open())).toEqual(text('a: 1\n'));
    expect(warnings.join()).toContain('damaged');
    expect(await read(open({ mode: 'offline' }))).toEqual(text('a: 1\n'));
  });

  test('and whose lock is damaged is said, and written again', async () => {
    await read(open());
    const lock = readFileSync(join(root, LOCK_FILE), 'utf8');
    writeFileSync(join(root, LOCK_FILE), lock.slice(0, -30));
    expect(await read(open())).toEqual(text('a: 1\n'));
    expect(warnings.join()).toContain('damaged');
    expect(readFileSync(join(root, LOCK_FILE), 'utf8')).toBe(lock);
  });

  test('is not taken from another project, whatever the lock says', async () => {
    await read(open());
    const lock = readFileSync(join(root, LOCK_FILE), 'utf8');
    writeFileSync(join(root, LOCK_FILE), lock.replaceAll('group/lib', 'group/other'));
    const answer = await open({ mode: 'offline' }).elsewhere.openProject('group/other', 'main');
    expect(answer).toMatchObject({ kind: 'unavailable' });
  });

  test('a commit in the lock that the server does not have is not there', async () => {
    await read(open());
    const lock = readFileSync(join(root, LOCK_FILE), 'utf8');
    const { commit } = JSON.parse(lock).projects[`${served.url}/group/lib`].refs.main;
    writeFileSync(join(root, LOCK_FILE), lock.replaceAll(commit, 'f'.repeat(40)));
    expect(await read(open({ mode: 'offline' }))).toMatchObject({ kind: 'unavailable' });
    expect(await read(open())).toMatchObject({ kind: 'no-ref' });
  });
});

test('many commits and files of one project may be asked for at once', async () => {
  const { elsewhere } = open();
  const component = { host: new URL(served.url).host, project: 'group/lib', name: 'a' };
  const opened = await Promise.all([
    elsewhere.openProject('group/lib', 'main'),
    elsewhere.openProject('group/lib', '1.0.0'),
    elsewhere.openProject('group/lib', null),
    elsewhere.openComponent({ ...component, version: '1' }),
  ]);
  const read = await Promise.all(opened.flatMap((one) => [fileOf(one, 'a.yml'), fileOf(one, 'b.yml')]));
  const [one, b, tag, none] = [text('a: 1\n'), text('b: 1\n'), text('a: tag\n'), { kind: 'absent' }];
  expect(read).toEqual([one, b, tag, none, one, b, tag, none]);
});

describe('a remote file', () => {
  let content = 'x: 1\n';
  let files: GitHttpServer;
  beforeAll(async () => {
    files = await serveGit(base, null, (_, response) => {
      response.end(content);
      return true;
    });
  });
  afterAll(() => files.close());

  test('that has changed since is refused until it is refreshed', async () => {
    const here = { allowedHosts: ['127.0.0.1'] };
    const address = `${files.url}/x.yml`;
    expect(await open(here).elsewhere.readRemote(address, address)).toMatchObject(text('x: 1\n'));
    rmSync(join(root, 'cache'), { recursive: true });
    content = 'x: evil\n';
    expect(await open(here).elsewhere.readRemote(address, address)).toMatchObject({
      kind: 'unavailable',
      reason: 'it has changed since .slipway/includes.lock was written',
    });
    const renewed = open({ ...here, mode: 'refresh' });
    expect(await renewed.elsewhere.readRemote(address, address)).toMatchObject(text('x: evil\n'));
    expect(await open({ mode: 'offline' }).elsewhere.readRemote(address, address)).toMatchObject(
      text('x: evil\n'),
    );
  });

  test('leaves no secret of its address in the lock', async () => {
    const address = `${files.url.replace('//', '//me:pass-word@')}/s3cr3t/x.yml?token=t0ken&x=.yml`;
    const shown = `${files.url}/[MASKED]/x.yml?token=t0ken&x=.yml`;
    await open({ allowedHosts: ['127.0.0.1'] }).elsewhere.readRemote(address, shown);
    const lock = readFileSync(join(root, LOCK_FILE), 'utf8');
    expect(lock).toContain('[MASKED]/x.yml#');
    for (const secret of ['pass-word', 's3cr3t', 't0ken']) expect(lock).not.toContain(secret);
  });
});

describe('the token', () => {
  test('goes to the server only once it asks for a password', async () => {
    await read(open());
    const [first, second] = served.requests;
    expect(first?.authorization).toBeNull();
    expect(Buffer.from(second?.authorization?.slice(6) ?? '', 'base64').toString()).toBe(`oauth2:${TOKEN}`);
  });

  test('that is wrong means no access, and is in no message', async () => {
    const environment = {
      PATH: process.env.PATH,
      HOME: base,
      XDG_CACHE_HOME: join(root, 'cache'),
      SLIPWAY_TOKEN: 'wr0ng',
    };
    const answer = await read(open({ environment }));
    expect(answer).toMatchObject({ kind: 'no-project', hint: expect.stringContaining('SLIPWAY_TOKEN') });
    expect(JSON.stringify(answer)).not.toContain('wr0ng');
  });

  test('is found in a netrc as well', async () => {
    const home = mkdtempSync(join(base, 'home-'));
    const { hostname } = new URL(served.url);
    writeFileSync(join(home, '.netrc'), `machine ${hostname} login me password ${TOKEN}\n`, { mode: 0o600 });
    const environment = { PATH: process.env.PATH, HOME: home, XDG_CACHE_HOME: join(root, 'cache') };
    expect(await read(open({ environment }))).toEqual(text('a: 1\n'));
  });

  test("is found by git's credential helper as well", async () => {
    const home = mkdtempSync(join(base, 'home-'));
    writeFileSync(
      join(home, '.gitconfig'),
      `[credential]\n\thelper = "!f() { echo username=me; echo password=${TOKEN}; }; f"\n`,
    );
    const environment = { PATH: process.env.PATH, HOME: home, XDG_CACHE_HOME: join(root, 'cache') };
    expect(await read(open({ environment }))).toEqual(text('a: 1\n'));
  });

  test('of a job is for the server the job runs on', async () => {
    const environment = {
      PATH: process.env.PATH,
      HOME: base,
      XDG_CACHE_HOME: join(root, 'cache'),
      CI_JOB_TOKEN: TOKEN,
    };
    expect(await read(open({ environment }))).toMatchObject({ kind: 'no-project' });
    const onIt = { ...environment, CI_SERVER_HOST: '127.0.0.1' };
    expect(await read(open({ environment: onIt }))).toEqual(text('a: 1\n'));
  });

  test('does not follow a redirect to another server', async () => {
    const other = await serveGit(base, 'x');
    const moving = await serveGit(base, null, (request, response) => {
      if (request.headers.authorization === undefined) {
        response.writeHead(401, { 'www-authenticate': 'Basic realm="git"' }).end();
      } else response.writeHead(301, { location: `${other.url}${request.url}` }).end();
      return true;
    });
    expect(await read(open({ server: moving.url }))).toMatchObject({ kind: 'unavailable' });
    expect(other.requests).toEqual([]);
    await Promise.all([other.close(), moving.close()]);
  });
});

describe('over ssh', () => {
  /** Takes the place of ssh, writes down what it was called with, and runs what the other side would. */
  function standIn(): { readonly command: string; readonly calls: () => string } {
    const folder = mkdtempSync(join(base, 'ssh-'));
    const command = join(folder, 'ssh');
    const script = `#!/bin/sh\necho "$@" >> ${folder}/calls\nfor last; do :; done\ncd ${base}/served && eval "$(echo "$last" | sed "s|'/|'|")"\n`;
    writeFileSync(command, script, { mode: 0o755 });
    return { command, calls: () => readFileSync(join(folder, 'calls'), 'utf8') };
  }

  test('nothing is asked of a person', async () => {
    const { command, calls } = standIn();
    const environment = {
      PATH: process.env.PATH,
      HOME: base,
      XDG_CACHE_HOME: join(root, 'cache'),
      GIT_SSH_COMMAND: command,
    };
    expect(await read(open({ environment, server: 'ssh://git@git.example:2222' }))).toEqual(text('a: 1\n'));
    expect(calls()).toContain('-o BatchMode=yes');
    expect(calls()).toContain('-p 2222 git@git.example git-upload-pack');
    expect(readFileSync(join(root, LOCK_FILE), 'utf8')).toContain('"git.example/group/lib"');
  });

  test('the program is the one that git is set to use', async () => {
    const { command, calls } = standIn();
    const home = mkdtempSync(join(base, 'home-'));
    writeFileSync(join(home, '.gitconfig'), `[core]\n\tsshCommand = ${command} -o Mark=1\n`);
    git(root, 'init', '-q');
    git(root, 'remote', 'add', 'origin', 'git@git.example:group/own.git');
    const environment = { PATH: process.env.PATH, HOME: home, XDG_CACHE_HOME: join(root, 'cache') };
    expect(await read(open({ environment, server: null }))).toEqual(text('a: 1\n'));
    expect(calls()).toContain('-o Mark=1 -o BatchMode=yes');
  });
});

describe('a component of another server', () => {
  test('is not fetched from a private address, unless that is allowed by name', async () => {
    const component = { host: 'localhost:1', project: 'group/lib', name: 'a', version: '1.0.0' };
    expect(await open().elsewhere.openComponent(component)).toMatchObject({
      kind: 'unavailable',
      reason: 'URL is blocked: Requests to localhost are not allowed',
      hint: expect.stringContaining('--allow-host localhost'),
    });
    const allowed = await open({ allowedHosts: ['localhost'] }).elsewhere.openComponent(component);
    expect(allowed).toMatchObject({ kind: 'unavailable', reason: expect.stringContaining('git failed') });
  });
});

describe('where projects are', () => {
  test('is the server that the remote origin is on', async () => {
    git(root, 'init', '-q');
    expect(await read(open({ server: null }))).toMatchObject({
      kind: 'unavailable',
      hint: expect.stringContaining('--server'),
    });
    git(root, 'remote', 'add', 'origin', `${served.url}/group/own.git`);
    expect(await read(open({ server: null }))).toEqual(text('a: 1\n'));
  });

  test('is no program that a hostile remote names', async () => {
    git(root, 'init', '-q');
    git(root, 'config', 'remote.origin.url', `ext::sh -c touch% ${join(root, 'pwned')}`);
    expect(await read(open({ server: null }))).toMatchObject({ kind: 'unavailable' });
    git(root, 'config', 'remote.origin.url', `ssh://-oProxyCommand=touch${join(root, 'pwned')}/group/own`);
    expect(await read(open({ server: null }))).toMatchObject({ kind: 'unavailable' });
    expect(readdirSync(root)).not.toContain('pwned');
  });

  test('a folder that stands in is read as it lies there, and at its refs as they are', async () => {
    const folder = mkdtempSync(join(base, 'checkout-'));
    makeRepository(folder, { main: { 'a.yml': 'a: here\n' }, '1.0.0': { 'a.yml': 'a: tag\n' } });
    writeFileSync(join(folder, 'a.yml'), 'a: changed\n');
    const sources = open({ checkouts: new Map([['Group/Lib', folder]]) });
    expect(await read(sources, 'a.yml', null)).toEqual(text('a: changed\n'));
    expect(await read(sources, 'a.yml', 'main')).toEqual(text('a: changed\n'));
    expect(await read(sources, 'a.yml', '1.0.0')).toEqual(text('a: tag\n'));
    expect(served.requests).toEqual([]);
  });

  test('a folder that is no repository answers for every ref', async () => {
    const folder = mkdtempSync(join(base, 'plain-'));
    mkdirSync(join(folder, 'ci'));
    writeFileSync(join(folder, 'a.yml'), 'a: plain\n');
    const sources = open({ checkouts: new Map([['group/lib', folder]]) });
    expect(await read(sources, 'a.yml', 'any')).toEqual(text('a: plain\n'));
    const absent = open({ checkouts: new Map([['group/lib', join(folder, 'none')]]) });
    expect(await read(absent)).toMatchObject({
      kind: 'no-project',
      hint: expect.stringContaining('--project'),
    });
  });
});
