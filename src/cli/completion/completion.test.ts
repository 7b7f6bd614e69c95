import { spawnSync } from 'node:child_process';
import { Argument, Command, Option } from 'commander';
import { describe, expect, it } from 'vitest';
import { describeCommands } from '../describe-commands.ts';
import { bashCompletion } from './bash.ts';
import { fishCompletion } from './fish.ts';
import { zshCompletion } from './zsh.ts';

function program(): Command {
  const run = new Command('run')
    .description("run the person's pipeline")
    .argument('[JOB...]')
    .option('-f, --file <FILE>', 'the file')
    .addOption(new Option('--executor <WHERE>', 'where').choices(['shell', 'docker']))
    .option('--needs', 'needed jobs too');
  const shells = new Command('completion')
    .description('this')
    .addArgument(new Argument('<shell>').choices(['bash', 'zsh']));
  const diff = new Command('diff').description('compare').argument('<BASE>').argument('[HEAD]');
  return new Command('slipway')
    .description('runs pipelines')
    .version('1')
    .addCommand(run)
    .addCommand(shells)
    .addCommand(diff);
}

const commands = describeCommands(program());

/** What bash offers for the words of a line, the last of which is being typed. */
function offered(...words: readonly string[]): readonly string[] {
  const script = `${bashCompletion(commands)}
slipway() { printf '%s\\n' 'unit' 'build app' 'lint'; }
git() { printf '%s\\n' 'main' 'origin/main' 'v1.0'; }
COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1))
_slipway
printf '%s\\n' "\${COMPREPLY[@]}"`;
  const { stdout, stderr } = spawnSync('bash', ['-c', script, 'bash', ...words], { encoding: 'utf8' });
  expect(stderr).toBe('');
  return stdout.split('\n').filter((line) => line !== '');
}

describe('completion in bash', () => {
  it.each<[string, readonly string[], readonly string[]]>([
    ['commands', ['slipway', ''], ['run', 'completion', 'diff', '--version', '-V']],
    ['a command that is begun', ['slipway', 'ru'], ['run']],
    ['options', ['slipway', 'run', '--'], ['--file', '--executor', '--needs']],
    ['choices of an option', ['slipway', 'run', '--executor', ''], ['shell', 'docker']],
    ['choices of an argument', ['slipway', 'completion', 'z'], ['zsh']],
    ['jobs, quoted', ['slipway', 'run', ''], ['unit', 'build\\ app', 'lint']],
    ['revisions', ['slipway', 'diff', 'main', ''], ['main', 'origin/main', 'v1.0']],
    ['jobs that are begun', ['slipway', 'run', '--needs', 'l'], ['lint']],
  ])('%s', (_name, words, expected) => {
    expect([...offered(...words)].sort()).toEqual(expect.arrayContaining([...expected].sort()));
    expect(offered(...words).every((word) => word.startsWith(words.at(-1) ?? ''))).toBe(true);
  });
});

it('zsh and fish know every command and option, with their texts quoted', () => {
  const zsh = zshCompletion(commands);
  expect(zsh).toContain("'run:run the person'\\''s pipeline'");
  expect(zsh).toContain("'*--executor[where]:WHERE:(shell docker)'");
  expect(zsh).toContain("'*:JOB:_slipway_jobs'");
  expect(zsh).toContain("'1:BASE:_slipway_revisions' '2:HEAD:_slipway_revisions'");
  const fish = fishCompletion(commands);
  expect(fish).toContain("-a run -d 'run the person\\'s pipeline'");
  expect(fish).toContain("-l executor -d 'where' -r -a 'shell docker'");
});
