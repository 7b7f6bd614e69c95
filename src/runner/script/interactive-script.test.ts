import { spawnSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import { describe, expect, it } from 'vitest';
import { interactiveScript } from './interactive-script.ts';

const content = {
  variables: new Map([['GREETING', "it's $HOME"]]),
  projectDir: tmpdir(),
  name: 'job',
  terminalType: null,
  command: null,
};

describe.each(['bash', 'sh'])('in %s', (shell) => {
  it('runs the command with exactly its arguments, in the project, with the variables', () => {
    const command = ['sh', '-c', 'pwd; echo "$GREETING"; printf "%s|" "$@"; exit 4', 'sh', "a b'c", '$x', ''];
    const { stdout, status } = spawnSync(shell, ['-c', interactiveScript({ ...content, command })], {
      encoding: 'utf8',
    });
    expect(stdout).toBe(`${tmpdir()}\nit's $HOME\na b'c|$x||`);
    expect(status).toBe(4);
  });

  it.each(['$(touch harm)', '`touch harm`', '\\$(touch harm)', "'; touch harm; '", '\u001b[2J\nx', '!!'])(
    'does not run or print what a job is called: %j',
    (name) => {
      const script = interactiveScript({ ...content, name });
      const { stdout, stderr } = spawnSync(shell, ['-c', script], {
        encoding: 'utf8',
        input: 'ls harm 2>/dev/null; exit 5\n',
      });
      expect(stdout + stderr).not.toMatch(/^harm/m);
      expect(stdout + stderr).not.toContain('\u001b[2J');
    },
  );
});
