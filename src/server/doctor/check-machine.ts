import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readFile, statfs } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { type Finding, ok, problem, warning } from './finding.ts';

/** The machine that a server runs on: its programs, its room, and its limits. */
export async function checkMachine(dataFolder: string): Promise<readonly Finding[]> {
  return [
    node(),
    await git(),
    ...(await disk(dataFolder)),
    memory(),
    await openFiles(),
    ...(await timeService()),
  ];
}

function node(): Finding {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const isGood = major > 22 || (major === 22 && minor >= 18);
  const found = `Node.js ${process.versions.node} on ${availableParallelism()} processors.`;
  return isGood
    ? ok('machine', found)
    : problem('machine', found, 'Slipway needs Node.js 22.18 or newer: install one.');
}

async function git(): Promise<Finding> {
  const version = await output('git', ['--version']);
  if (version === null) return problem('machine', 'git is not on the PATH.', 'Install git 2.39 or newer.');
  const programs = await output('git', ['--exec-path']);
  const [, major = '0', minor = '0'] = /(\d+)\.(\d+)/.exec(version) ?? [];
  const found = `${version}.`;
  if (Number(major) < 2 || (Number(major) === 2 && Number(minor) < 39)) {
    return problem('machine', found, 'Slipway needs git 2.39 or newer: install one.');
  }
  if (programs === null || !existsSync(join(programs, 'git-http-backend'))) {
    return problem(
      'machine',
      `${version}, without http-backend.`,
      'Install the whole of git; some systems have it in parts.',
    );
  }
  return ok('machine', found);
}

async function disk(folder: string): Promise<readonly Finding[]> {
  const room = await statfs(folder).catch(() => null);
  if (room === null) return [];
  const [free, all] = [room.bavail * room.bsize, room.blocks * room.bsize];
  const share = all === 0 ? 1 : free / all;
  const found = `${gigabytes(free)} of ${gigabytes(all)} are free on the disk of the data folder.`;
  const mend =
    'Make room: pushes, logs and artifacts are refused when the disk is full. Artifacts that expire sooner help.';
  const findings = [
    free < 200e6
      ? problem('machine', found, mend)
      : share < 0.1
        ? warning('machine', found, mend)
        : ok('machine', found),
  ];
  if (room.files > 0 && room.ffree / room.files < 0.05) {
    findings.push(warning('machine', 'The disk of the data folder has nearly no file entries left.', mend));
  }
  return findings;
}

function memory(): Finding {
  const free = process.availableMemory();
  const found = `${gigabytes(free)} of memory are free.`;
  return free < 256e6
    ? warning(
        'machine',
        found,
        'A server wants 200 MB, and git some for each push. End other programs, or give it more.',
      )
    : ok('machine', found);
}

/** Each runner that waits holds a connection, and each connection a file. */
async function openFiles(): Promise<Finding> {
  const limits = await readFile('/proc/self/limits', 'utf8').catch(() => '');
  const soft = /^Max open files\s+(\d+|unlimited)/m.exec(limits)?.[1];
  if (soft === undefined) return ok('machine', 'How many files may be open is not known on this system.');
  const found = `${soft} files may be open at once.`;
  return soft !== 'unlimited' && Number(soft) < 4096
    ? warning(
        'machine',
        found,
        'Each runner holds a connection: raise it (`ulimit -n 65536`, LimitNOFILE= in systemd).',
      )
    : ok('machine', found);
}

async function timeService(): Promise<readonly Finding[]> {
  const answer = await output('timedatectl', ['show', '--property=NTPSynchronized', '--value']);
  if (answer === 'yes') return [ok('machine', 'The clock is kept right over the network.')];
  if (answer !== 'no') return [];
  const mend =
    'Turn on time synchronization (`timedatectl set-ntp true`): schedules and expiry follow this clock.';
  return [warning('machine', 'Nothing keeps the clock right.', mend)];
}

/** Null when there is no such program, or it fails. */
function output(program: string, args: readonly string[]): Promise<string | null> {
  return new Promise((resolve) => {
    execFile(program, args, { timeout: 5000 }, (error, stdout) =>
      resolve(error === null ? stdout.trim() : null),
    );
  });
}

function gigabytes(bytes: number): string {
  return bytes < 1e9 ? `${Math.round(bytes / 1e6)} MB` : `${(bytes / 1e9).toFixed(1)} GB`;
}
