import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { callProgram, commitAll, gitIn, writeFiles } from '../src/cli/test-support/call-program.ts';

/**
 * Runs the examples of a page in a repository made for it, and answers with the page as it should be: behind each
 * `$ command` what the command prints.
 *
 * A block whose first line is three backticks, a language and a path is a file: those before the first example are
 * committed, the later ones change the work tree. A `console` block holds commands: `slipway …`, and `git add`,
 * `commit`, `switch` and `tag`. The output of a command in which a line `…` stands for what is left out stays as it is
 * when the program prints what is around.
 */
export async function runGuide(page: string): Promise<string> {
  const base = await mkdtemp(join(tmpdir(), 'slipway-guide-'));
  const folder = join(base, 'app');
  try {
    await mkdir(folder);
    gitIn(folder, 'init', '-q', '-b', 'main');
    gitIn(folder, 'config', 'user.name', 'Ada');
    gitIn(folder, 'config', 'user.email', 'ada@example.com');
    let isStarted = false;
    const written: string[] = [];
    for (const part of partsOf(page)) {
      const [, fence = '', heading = '', body = ''] =
        /^(`{3,})([^\n`]*)\n([\s\S]*?)`{3,}\n$/.exec(part) ?? [];
      const path = /^\w+ (\S+)$/.exec(heading)?.[1];
      if (path !== undefined) await writeFiles(folder, { [path]: body });
      if (heading !== 'console') {
        written.push(part);
        continue;
      }
      if (!isStarted) commitAll(folder, 'The pipeline');
      isStarted = true;
      written.push(`${fence}console\n${await runConsole(folder, body)}${fence}\n`);
    }
    return written.join('');
  } finally {
    await rm(base, { recursive: true });
  }
}

/** The blocks of a page and the text between them. A block may have one of fewer backticks in it. */
function partsOf(page: string): readonly string[] {
  const parts: string[] = [];
  let from = 0;
  for (const block of page.matchAll(/^(`{3,})[^\n`]*\n(?:[\s\S]*?\n)?\1\n/gm)) {
    parts.push(page.slice(from, block.index), block[0]);
    from = block.index + block[0].length;
  }
  return [...parts, page.slice(from)];
}

/** Examples are run where the page shows the files for them. */
export function hasExamples(page: string): boolean {
  return /^`{3,}console$/m.test(page) && /^```\w+ \S+$/m.test(page);
}

async function runConsole(folder: string, body: string): Promise<string> {
  const parts: string[] = [];
  for (const example of body.split(/^(?=\$ )/m)) {
    const [, line = '', output = ''] = /^\$ ([^\n]*)\n([\s\S]*)$/.exec(example) ?? [];
    const words = wordsOf(line);
    const printed = await runLine(folder, words);
    parts.push(`$ ${line}\n${fits(output, printed) ? output : printed}`);
  }
  return parts.join('');
}

async function runLine(folder: string, [program, ...args]: readonly string[]): Promise<string> {
  if (program === 'slipway') {
    const { stdout, stderr } = await callProgram(folder, args);
    return stderr + stdout;
  }
  if (program === 'git' && GIT_COMMANDS.has(args[0] ?? '')) return gitIn(folder, ...args);
  throw new Error(`an example cannot run: ${program} ${args.join(' ')}`);
}

const GIT_COMMANDS: ReadonlySet<string> = new Set(['add', 'commit', 'switch', 'tag']);

/** Words as a shell has them, with single and double quotes and nothing else. */
function wordsOf(line: string): readonly string[] {
  return [...line.matchAll(/(?:'[^']*'|"[^"]*"|[^\s'"])+/g)].map(([word]) =>
    word.replaceAll(/'([^']*)'|"([^"]*)"/g, (_, single, double) => single ?? double),
  );
}

/** Whether what is shown is what was printed, with lines left out where `…` stands. */
function fits(shown: string, printed: string): boolean {
  if (!/^ *…$/m.test(shown)) return false;
  const pattern = shown
    .split(/^ *…\n/m)
    .map((text) => text.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`))
    .join('(?:[^\n]*\n)*');
  return new RegExp(`^${pattern}$`).test(printed);
}
