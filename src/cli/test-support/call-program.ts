import { execFileSync } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import type { Io, Output } from '../io.ts';
import { runProgram } from '../program.ts';

export interface Called {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** What the command prints and its exit code, called in a folder. */
export async function callProgram(
  folder: string,
  args: readonly string[],
  environment: Io['environment'] = {},
  stdin: Io['stdin'] = Readable.from([]),
): Promise<Called> {
  const [stdout, stderr] = [sink(), sink()];
  const io: Io = { stdout, stderr, stdin, environment, folder, now: new Date(1_700_000_000_000) };
  const exitCode = await runProgram(args, io);
  return { exitCode, stdout: stdout.text(), stderr: stderr.text() };
}

function sink(): Output & { text(): string } {
  let written = '';
  const itself: Output & { text(): string } = {
    write(text) {
      written += text;
      return true;
    },
    on: () => undefined,
    off: () => undefined,
    text: () => written,
  };
  return itself;
}

/** Writes files below a folder. */
export async function writeFiles(folder: string, files: Readonly<Record<string, string>>): Promise<void> {
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), text);
  }
}

/** Runs git as a person who is called Test, at a time that is always the same. */
export function gitIn(folder: string, ...args: readonly string[]): string {
  const who = ['-c', 'user.name=Test', '-c', 'user.email=test@localhost'];
  const time = '2026-01-02T03:04:05Z';
  return execFileSync('git', ['-C', folder, ...who, ...args], {
    encoding: 'utf8',
    env: { ...process.env, GIT_AUTHOR_DATE: time, GIT_COMMITTER_DATE: time },
  });
}

/** A repository of these files, all committed on the branch main. */
export async function commitProject(folder: string, files: Readonly<Record<string, string>>): Promise<void> {
  await writeFiles(folder, files);
  gitIn(folder, 'init', '-q', '-b', 'main');
  commitAll(folder, 'one');
}

export function commitAll(folder: string, message: string): void {
  gitIn(folder, 'add', '-A');
  gitIn(folder, 'commit', '-q', '-m', message);
}
