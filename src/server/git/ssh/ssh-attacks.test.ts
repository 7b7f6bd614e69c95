import { once } from 'node:events';
import { mkdir, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import ssh2 from 'ssh2';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { startTestSsh, type TestSsh } from '../test-support/ssh-client.ts';

let server: TestSsh;

beforeEach(async () => {
  server = await startTestSsh({ loginMs: 4_000, strangers: 30, strangersPerAddress: 20, attempts: 4 });
});
afterEach(async () => {
  await server.close();
  await rm(server.home, { recursive: true, force: true });
});

async function works(): Promise<boolean> {
  return (await server.git('ada', server.home, 'ls-remote', server.ssh('team/app'))).code === 0;
}

describe('commands', () => {
  test.each([
    ['', 'Welcome'],
    ['sh', 'Only git'],
    ["git-upload-archive 'team/app.git'", 'Only git'],
    ["git-shell -c 'git-upload-pack team/app'", 'Only git'],
    ['git-upload-pack team/app.git', 'Only git'],
    ['git-upload-pack "team/app.git"', 'Only git'],
    ["git-upload-pack --upload-pack=touch 'team/app.git'", 'Only git'],
    ["git-upload-pack 'team/app.git'; touch /tmp/x", 'Only git'],
    ["git-upload-pack 'team/app.git' && id", 'Only git'],
    ["git-upload-pack 'team/app.git\n'", 'No project'],
    ["git-upload-pack '$(id)'", 'No project'],
    ["git-upload-pack '--upload-pack=id/x'", 'No project'],
    ["git-upload-pack '-oProxyCommand=id/x'", 'No project'],
    ["git-upload-pack '../../etc/passwd'", 'No project'],
    ["git-upload-pack 'team/../team/app.git'", 'No project'],
    ["git-upload-pack '/etc/'", 'No project'],
    ["git-upload-pack '1.git'", 'No project'],
    ["git-upload-pack 'team/app.git/../other.git'", 'No project'],
    ["git-receive-pack 'team/app.git/hooks'", 'No project'],
    ["git-upload-pack '~git/app'", 'No project'],
    ['git-upload-pack', 'Only git'],
  ])('%j is not carried out', async (command, said) => {
    const ran = await server.openssh('ada', '-T', 'git@127.0.0.1', ...(command === '' ? [] : [command]));
    expect(ran.stdout).toBe('');
    expect(ran.stderr).toContain(said);
    expect(ran.code).toBe(command === '' ? 0 : 1);
  });

  test('one without end is not carried out', async () => {
    const ran = await server.openssh('ada', 'git@127.0.0.1', `git-upload-pack '${'a/'.repeat(10_000)}b'`);
    expect(ran).toMatchObject({ code: 1, stderr: expect.stringContaining('Only git') });
  });

  test.each([
    ['a terminal', ['-tt', 'git@127.0.0.1'], /PTY allocation request failed/],
    ['SFTP', ['-s', 'git@127.0.0.1', 'sftp'], /subsystem request failed/],
    ['a way to another machine', ['-W', '127.0.0.1:22', 'git@127.0.0.1'], /forwarding failed/],
  ])('%s is refused', async (_what, args, said) => {
    expect((await server.openssh('ada', ...args)).stderr).toMatch(said);
  });

  test('ports, agents and displays are not forwarded', async () => {
    const options = ['-o', 'ExitOnForwardFailure=yes', '-R', '0:127.0.0.1:22'];
    const ran = await server.openssh('ada', ...options, '-T', 'git@127.0.0.1');
    expect(ran).toMatchObject({
      code: 255,
      stderr: expect.stringContaining('remote port forwarding failed'),
    });
  });

  test('no variable but one reaches git', async () => {
    const marker = join(server.root, 'ran');
    await writeFile(join(server.root, 'trace.sh'), `#!/bin/sh\ntouch ${marker}\n`, { mode: 0o755 });
    const sent = { GIT_EXTERNAL_DIFF: 'id', GIT_TRACE: marker, GIT_CONFIG_COUNT: '0', PATH: '/nowhere' };
    const client = await login();
    const ended = await new Promise<number>((resolve) => {
      client.exec("git-upload-pack 'team/app'", { env: sent }, (error, channel) => {
        if (error) throw error;
        channel.resume().on('exit', (code: number) => resolve(code));
        channel.end('0000');
      });
    });
    client.end();
    expect(ended).toBe(0);
    await expect(stat(marker)).rejects.toThrow('ENOENT');
  });
});

async function login(who = 'ada'): Promise<ssh2.Client> {
  const { readFile } = await import('node:fs/promises');
  const client = new ssh2.Client();
  const privateKey = await readFile(join(server.home, who), 'utf8');
  client.connect({ host: '127.0.0.1', port: server.port, username: 'git', privateKey });
  await once(client, 'ready');
  client.on('error', () => undefined);
  return client;
}

describe('strangers', () => {
  async function open(): Promise<Socket> {
    const socket = connect(server.port, '127.0.0.1');
    socket.on('error', () => undefined);
    await once(socket, 'connect');
    return socket;
  }

  test('who say nothing are let go, and keep nobody away', async () => {
    const silent = await Promise.all(Array.from({ length: 15 }, open));
    const chatty = await Promise.all(Array.from({ length: 4 }, open));
    for (const socket of chatty) socket.write('SSH-2.0-slow\r\n');
    expect(await works()).toBe(true);
    await Promise.all(
      [...silent, ...chatty].map((socket) => (socket.destroyed ? null : once(socket.resume(), 'close'))),
    );
  });

  test('who come in crowds from one address are turned away', async () => {
    const crowd = await Promise.all(Array.from({ length: 60 }, open));
    const gone = crowd.map((socket) => (socket.destroyed ? null : once(socket.resume(), 'close')));
    await Promise.all(gone);
    expect(await works()).toBe(true);
  });

  test.each([
    ['noise', Buffer.from(Array.from({ length: 100_000 }, (_, index) => (index * 7919) % 256))],
    ['HTTP', Buffer.from('GET / HTTP/1.1\r\nHost: x\r\n\r\n')],
    ['a hello without end', Buffer.concat([Buffer.from('SSH-2.0-'), Buffer.alloc(5_000_000, 'x')])],
    ['a packet that is too long', Buffer.from('SSH-2.0-x\r\n\xff\xff\xff\xff\xff\xff\xff\xff', 'latin1')],
  ])('who send %s are let go', async (_what, bytes) => {
    const socket = await open();
    socket.write(bytes);
    await once(socket.resume(), 'close');
    expect(await works()).toBe(true);
  });

  test('who try key after key are let go', async () => {
    const ids = ['eve', 'eve', 'eve', 'eve', 'eve', 'eve'];
    const client = new ssh2.Client();
    client.on('error', () => undefined);
    let tried = 0;
    client.connect({
      ...{ host: '127.0.0.1', port: server.port, username: 'git' },
      authHandler: () => {
        tried++;
        return { type: 'password', username: 'git', password: ids.pop() ?? 'x' };
      },
    });
    await once(client, 'close');
    expect(tried).toBeLessThanOrEqual(6);
  });

  test("who ask about somebody's key are not taken for them", async () => {
    // The key is asked about, but what is signed is another's.
    const { readFile } = await import('node:fs/promises');
    const eve = ssh2.utils.parseKey(await readFile(join(server.home, 'eve')));
    const ada = ssh2.utils.parseKey(await readFile(join(server.home, 'ada.pub')));
    if (eve instanceof Error || ada instanceof Error) throw new Error('no keys');
    class Thief extends ssh2.BaseAgent {
      override getIdentities(callback: (error: Error | null, keys?: ssh2.ParsedKey[]) => void): void {
        if (ada instanceof Error) throw ada;
        callback(null, [ada]);
      }
      override sign(...args: readonly unknown[]): void {
        const [, data] = args;
        const callback = args.at(-1);
        if (eve instanceof Error || !(data instanceof Buffer) || typeof callback !== 'function') return;
        callback(null, eve.sign(data));
      }
    }
    const client = new ssh2.Client();
    const errors: string[] = [];
    client.on('error', ({ message }) => errors.push(message));
    client.connect({ host: '127.0.0.1', port: server.port, username: 'git', agent: new Thief() });
    const closed = new Promise<void>((resolve) => client.on('close', () => resolve()));
    await closed;
    expect(errors[0]).toContain('All configured authentication methods failed');
  });
});

describe('people who are known', () => {
  test('open no more sessions than there are places, and go on afterwards', async () => {
    const client = await login();
    const opened = await Promise.all(
      Array.from(
        { length: 14 },
        () =>
          new Promise<boolean>((resolve) => {
            client.exec("git-upload-pack 'team/app'", (error) => resolve(error === undefined));
          }),
      ),
    );
    expect(opened.filter((each) => each)).toHaveLength(10);
    client.end();
    expect(await works()).toBe(true);
  });

  test('whose key is removed can do nothing more, in a connection that is open', async () => {
    const client = await login();
    const run = () =>
      new Promise<number>((resolve, reject) => {
        client.exec("git-upload-pack 'team/app'", (error, channel) => {
          if (error) return reject(error);
          channel.resume().on('exit', (code: number) => resolve(code));
          return channel.end('0000');
        });
      });
    expect(await run()).toBe(0);
    server.forgetKeys();
    expect(await run()).toBe(1);
    client.end();
  });

  test('who ask for nothing are let go', async () => {
    const client = await login();
    await once(client, 'close');
  });

  test('who stop in the midst of a push are let go, and leave nothing behind', async () => {
    await server.close();
    server = await startTestSsh({}, { idleMs: 300 });
    const client = await login();
    const channel = await new Promise<ssh2.ClientChannel>((resolve, reject) => {
      client.exec("git-receive-pack 'team/app'", (error, made) => (error ? reject(error) : resolve(made)));
    });
    channel.resume();
    const line = `${'0'.repeat(40)} ${'1'.repeat(40)} refs/heads/x\0 report-status`;
    channel.write(`${(line.length + 4).toString(16).padStart(4, '0')}${line}0000PACK`);
    await once(channel, 'close');
    client.end();
    expect(server.pushes).toEqual([]);
    const left = await readdir(join(server.repositories.folderOf(1), 'objects'));
    expect(left.filter((name) => name.startsWith('tmp_') || name.startsWith('incoming'))).toEqual([]);
  });

  test('who promise to read and do not fill no memory', async () => {
    const work = join(server.home, 'work');
    await mkdir(work);
    await server.git('ada', work, 'init', '-q', '-b', 'main');
    await server.git('ada', work, 'config', 'core.compression', '0');
    const { randomBytes } = await import('node:crypto');
    await writeFile(join(work, 'large'), randomBytes(40_000_000));
    await server.git('ada', work, 'add', '-A');
    await server.git('ada', work, 'commit', '-q', '-m', 'large');
    expect((await server.git('ada', work, 'push', '-q', server.ssh('team/app'), 'main')).code).toBe(0);
    const sha = (await server.git('ada', work, 'rev-parse', 'HEAD')).stdout.trim();
    const client = await login();
    const channel = await new Promise<ssh2.ClientChannel>((resolve, reject) => {
      client.exec("git-upload-pack 'team/app'", (error, made) => (error ? reject(error) : resolve(made)));
    });
    await once(channel, 'data');
    const sockets = Object.entries(client).find(([name]) => name === '_sock')?.[1];
    if (!(sockets instanceof Object && 'pause' in sockets && typeof sockets.pause === 'function')) {
      throw new Error('The client has no socket.');
    }
    const before = process.memoryUsage().external;
    // A window of four gigabytes, and nobody who reads.
    const { outgoing } = Object.assign({ outgoing: { id: 0 } }, channel);
    const protocol = Object.entries(client).find(([name]) => name === '_protocol')?.[1];
    protocol.channelWindowAdjust(outgoing.id, 4_000_000_000);
    const want = `want ${sha} side-band-64k ofs-delta\n`;
    channel.write(`${(want.length + 4).toString(16).padStart(4, '0')}${want}0000`);
    channel.write('0009done\n');
    channel.removeAllListeners('data');
    sockets.pause();
    // Time enough to send all of it.
    for (let round = 0; round < 4; round++) expect(await works()).toBe(true);
    expect(process.memoryUsage().external - before).toBeLessThan(10_000_000);
    client.destroy();
  });
});
