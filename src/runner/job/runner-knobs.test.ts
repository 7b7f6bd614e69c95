import { readFile } from 'node:fs/promises';
import { describe, expect, it, test } from 'vitest';
import { RUNNER_KNOBS, unhonouredKnobs } from './runner-knobs.ts';

describe('variables with which the runner is told how to work', () => {
  test.each([
    { variables: { GIT_SUBMODULE_STRATEGY: 'recursive' }, said: ['GIT_SUBMODULE_STRATEGY=recursive is'] },
    { variables: { GIT_SUBMODULE_STRATEGY: 'none', GIT_CHECKOUT: 'true' }, said: [] },
    { variables: { GIT_DEPTH: '1', GIT_CLEAN_FLAGS: '-ffdx', GIT_SUBMODULE_PATHS: 'a' }, said: [] },
    { variables: { GIT_LFS_SKIP_SMUDGE: '1' }, said: ['GIT_LFS_SKIP_SMUDGE=1 is'] },
    { variables: { FF_USE_FASTZIP: 'true', FF_TIMESTAMPS: 'false' }, said: [] },
    {
      variables: { FF_TIMESTAMPS: 'true', FF_A: '1', FF_B: 'TRUE', FF_C: 'False' },
      said: ['FF_TIMESTAMPS=true is', 'FF_A=1, FF_B=TRUE are'],
    },
    {
      variables: { KUBERNETES_CPU_REQUEST: '2', KUBERNETES_MEMORY_REQUEST: '1Gi' },
      said: ['KUBERNETES_CPU_REQUEST=2, KUBERNETES_MEMORY_REQUEST=1Gi are'],
    },
    { variables: { OTHER: 'x', FFMPEG: '1', MY_GIT_CHECKOUT: 'false' }, said: [] },
  ])('$variables', ({ variables, said }) => {
    const warnings = unhonouredKnobs(new Map(Object.entries(variables)));
    expect(warnings.map((warning) => warning.replace(/ not honoured\. .*$/, ''))).toEqual(said);
  });

  it('stand in the reference, each with what happens instead', async () => {
    const reference = await readFile(
      new URL('../../../docs/reference/local-run.md', import.meta.url),
      'utf8',
    );
    const rows = RUNNER_KNOBS.map(({ name, instead, harmless }) => {
      return `| \`${name}\` | ${instead} | ${warnedAbout(harmless)} |`;
    });
    expect(reference).toContain(`${rows.join('\n')}\n\n`);
  });
});

function warnedAbout(harmless: 'all' | readonly string[]): string {
  if (harmless === 'all') return 'no: it makes no difference';
  const exceptions = harmless.filter((value) => value !== '').map((value) => `\`${value}\``);
  return exceptions.length === 0 ? 'yes' : `yes, unless ${exceptions.join(' or ')}`;
}
