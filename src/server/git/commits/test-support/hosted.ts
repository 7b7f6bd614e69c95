import { execFileSync } from 'node:child_process';
import type { Elsewhere } from '../../../../config/index.ts';

/** Nothing is elsewhere. */
export const NOBODY: Elsewhere = {
  openProject: async () => ({ kind: 'no-project', hint: null }),
  openComponent: async () => ({ kind: 'no-project', hint: null }),
  readRemote: async () => ({ kind: 'bad-address' }),
  readTemplate: async () => ({ kind: 'absent', near: [] }),
};

export interface PutCommit {
  readonly parent?: string;
  readonly message?: string;
  /** As a push leaves it: a pack of its own. */
  readonly packed?: boolean;
}

/** What a file is: text, bytes, or a mode and bytes (`120000`: a link to what they say, `160000`: a commit's hash). */
export type PutFile = string | Buffer | { readonly mode: string; readonly content: string };

/** Puts a commit of exactly these files on a ref of a bare repository, through fast-import. Answers with its hash. */
export async function putCommit(
  folder: string,
  ref: string,
  files: Readonly<Record<string, PutFile>>,
  { parent, message = 'A commit\n', packed = false }: PutCommit = {},
): Promise<string> {
  const parts: (string | Buffer)[] = [
    `commit ${ref}\n`,
    'committer Ada Ä <ada@example.com> 1700000000 +0130\n',
    ...[`data ${Buffer.byteLength(message)}\n`, message, '\n'],
    parent === undefined ? '' : `from ${parent}\n`,
    'deleteall\n',
  ];
  for (const [path, file] of Object.entries(files)) {
    const { mode, content } =
      typeof file === 'object' && 'mode' in file ? file : { mode: '100644', content: file };
    const name = JSON.stringify(path);
    if (mode === '160000') parts.push(`M 160000 ${content.toString()} ${name}\n`);
    else parts.push(`M ${mode} inline ${name}\n`, `data ${Buffer.byteLength(content)}\n`, content, '\n');
  }
  const limit = ['-c', `fastimport.unpackLimit=${packed ? 0 : 100}`];
  git(
    folder,
    [...limit, 'fast-import', '--quiet', '--force'],
    Buffer.concat(parts.map((part) => Buffer.from(part))),
  );
  return git(folder, ['rev-parse', ref]);
}

export function git(folder: string, args: readonly string[], input: Buffer | string = ''): string {
  const env = { PATH: process.env.PATH, HOME: '/nonexistent', GIT_CONFIG_NOSYSTEM: '1' };
  const who = {
    GIT_AUTHOR_NAME: 'T',
    GIT_AUTHOR_EMAIL: 't@t',
    GIT_COMMITTER_NAME: 'T',
    GIT_COMMITTER_EMAIL: 't@t',
    GIT_COMMITTER_DATE: '1700000000 +0000',
  };
  return execFileSync('git', ['--git-dir', folder, ...args], { input, env: { ...env, ...who } })
    .toString()
    .trim();
}
