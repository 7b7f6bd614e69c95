import { spawnSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isShellName, shellScript } from './shell-script.ts';

describe.each(['bash', 'sh'])('a script in %s', (shell) => {
  const run = (lines: readonly string[], variables: Readonly<Record<string, string>> = {}) => {
    const script = shellScript({ variables: new Map(Object.entries(variables)), projectDir: '/', lines });
    const { status, stdout } = spawnSync(shell, ['-c', script], {
      encoding: 'utf8',
      env: { PATH: '/usr/bin:/bin' },
    });
    return { status, output: stdout.replaceAll('\u001b[32;1m', '').replaceAll('\u001b[0;m', '') };
  };

  it('shows each command before it runs, in one shell', () => {
    expect(run(['A=1', 'echo "$A"'])).toEqual({ status: 0, output: '$ A=1\n$ echo "$A"\n1\n' });
  });

  it('shows the first line of a command of several', () => {
    const { output } = run(['if true; then\n  echo yes\nfi\n']);
    expect(output).toBe('$ if true; then # collapsed multi-line command\nyes\n');
  });

  it.each([
    { lines: ['false', 'echo not reached'], status: 1 },
    { lines: ['(exit 42)', 'echo not reached'], status: 42 },
    { lines: ['false || true', 'exit 3'], status: 3 },
    { lines: ['set +e', 'false', 'true'], status: 0 },
  ])('ends with $status after $lines', ({ lines, status }) => {
    const result = run(lines);
    expect(result.status).toBe(status);
    expect(result.output).not.toContain('\nnot reached');
  });

  it('shows what it does not interpret', () => {
    const line = `echo '$HOME' "\\n" 'it'\\''s' \`true\` \\\\n`;
    expect(run([line]).output.startsWith(`$ ${line}\n`)).toBe(true);
  });

  it('exports any value unchanged', () => {
    const property = fc.property(fc.string({ unit: 'binary', maxLength: 40 }), (value) => {
      const { output } = run(['printf %s "$V"'], { V: value });
      expect(output).toBe(`$ printf %s "$V"\n${value.replaceAll('\0', '').toWellFormed()}`);
    });
    fc.assert(property, { numRuns: 10 });
  });

  it('goes on when a variable has a name that the shell keeps for itself', () => {
    expect(run(['echo on'], { UID: '5', PPID: '5' })).toEqual({ status: 0, output: '$ echo on\non\n' });
  });
});

it('fails with a pipe in bash', () => {
  const script = shellScript({ variables: new Map(), projectDir: '/', lines: ['exit 7 | cat'] });
  expect(spawnSync('bash', ['-c', script]).status).toBe(7);
});

it.each([
  ['A_1', true],
  ['1A', false],
  ['A-B', false],
  ['A;B', false],
  ['', false],
])('name %j: %j', (name, valid) => expect(isShellName(name)).toBe(valid));
