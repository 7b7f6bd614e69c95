import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { megabytes, milliseconds, type Section } from './table.ts';

const run = promisify(execFile);

/** Push, clone and fetch of a repository of 1 GB with the real client, over HTTP and SSH: time, and what it takes here. */
export async function benchGit(): Promise<Section> {
  const folder = await mkdtemp(join(tmpdir(), 'slipway-bench-git-'));
  const server = spawn(process.execPath, [join(import.meta.dirname, 'git-server.ts'), folder], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  try {
    const [printed]: unknown[] = await once(server.stdout, 'data');
    const [http, ssh]: readonly number[] = JSON.parse(String(printed));
    const work = await makeRepository(folder);
    const addresses = {
      HTTP: `http://u:p@127.0.0.1:${http}/bench/http.git`,
      SSH: `ssh://git@127.0.0.1:${ssh}/bench/ssh.git`,
    };
    const rows: (readonly string[])[] = [];
    for (const [way, address] of Object.entries(addresses)) {
      const copy = join(folder, `copy-${way}`);
      rows.push(
        await measure(server, `push 1 GB over ${way}`, () =>
          git(folder, work, 'push', '-q', address, 'main'),
        ),
        await measure(server, `clone 1 GB over ${way}`, () =>
          git(folder, folder, 'clone', '-q', address, copy),
        ),
      );
      await addFiles(work, way, 12);
      rows.push(
        await measure(server, `push 100 MB more over ${way}`, () =>
          git(folder, work, 'push', '-q', address, 'main'),
        ),
        await measure(server, `fetch 100 MB more over ${way}`, () =>
          git(folder, copy, 'fetch', '-q', address, 'main'),
        ),
      );
      await rm(copy, { recursive: true });
    }
    return {
      title: 'git hosting',
      note:
        'Files of 8 MB that do not compress, the real git client on the same machine, whose own work is in the time. The ' +
        "server's memory is its highest resident set during the step, that of its git processes their highest private " +
        'memory together.',
      head: ['what', 'time', 'server', 'its gits'],
      rows,
    };
  } finally {
    server.kill();
    await rm(folder, { recursive: true, force: true });
  }
}

async function makeRepository(folder: string): Promise<string> {
  await run('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', join(folder, 'key')]);
  const work = join(folder, 'work');
  await mkdir(work);
  await git(folder, work, 'init', '-q', '-b', 'main');
  // What the client compresses and compares is not measured.
  await git(folder, work, 'config', 'core.compression', '0');
  await git(folder, work, 'config', 'core.bigFileThreshold', '1m');
  await addFiles(work, 'first', 128);
  return work;
}

async function addFiles(work: string, name: string, count: number): Promise<void> {
  for (let at = 0; at < count; at++) await writeFile(join(work, `${name}-${at}`), randomBytes(8_000_000));
  await git(join(work, '..'), work, 'add', '-A');
  await git(join(work, '..'), work, 'commit', '-q', '-m', name);
}

async function git(folder: string, place: string, ...args: readonly string[]): Promise<void> {
  const ssh = `ssh -F /dev/null -i ${join(folder, 'key')} -o BatchMode=yes -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o LogLevel=ERROR`;
  const who = ['-c', 'user.name=T', '-c', 'user.email=t@t'];
  const env = { PATH: process.env.PATH, HOME: folder, GIT_CONFIG_NOSYSTEM: '1', GIT_SSH_COMMAND: ssh };
  await run('git', [...who, '-C', place, ...args], { env });
}

async function measure(
  server: ChildProcess,
  what: string,
  work: () => Promise<void>,
): Promise<readonly string[]> {
  const pid = server.pid ?? 0;
  // The kernel forgets the highest value so far.
  await writeFile(`/proc/${pid}/clear_refs`, '5');
  let gits = 0;
  let isOver = false;
  const watching = (async () => {
    while (!isOver) {
      const all = await Promise.all((await descendants(pid)).map((each) => kilobytes(each, 'RssAnon')));
      gits = Math.max(gits, all.reduce((sum, each) => sum + each, 0) / 1024);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  })();
  const started = performance.now();
  await work();
  const time = performance.now() - started;
  isOver = true;
  await watching;
  return [what, milliseconds(time), megabytes((await kilobytes(pid, 'VmHWM')) / 1024), megabytes(gits)];
}

async function kilobytes(pid: number, field: 'VmHWM' | 'RssAnon'): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  return Number(new RegExp(`^${field}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1] ?? 0);
}

async function descendants(pid: number): Promise<readonly number[]> {
  const listed = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8').catch(() => '');
  const children = listed.split(' ').flatMap((each) => (each.trim() === '' ? [] : [Number(each)]));
  return [...children, ...(await Promise.all(children.map(descendants))).flat()];
}
