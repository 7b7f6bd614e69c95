import { execFile } from 'node:child_process';
import { type Phase, type PhaseName, type PhasesScript, phasesScript } from '../phases-script.ts';

export function phase(commands: readonly string[], over: Partial<Phase> = {}): Phase {
  return { commands, finally: [], onFailure: { kind: 'default' }, user: null, ...over };
}

/** Phases that tell that they are run. */
export const ALL: Readonly<Record<PhaseName, Phase>> = {
  install: phase(['echo in-install']),
  pre_build: phase(['echo in-pre']),
  build: phase(['echo in-build']),
  post_build: phase(['echo "in-post $CODEBUILD_BUILD_SUCCEEDING"']),
};

export interface PhasesRun {
  readonly code: number;
  readonly output: string;
  /** What lines tell that begin with `in-` or `seen`. */
  readonly seen: string;
}

/** Runs it as a runner does: in bash, which ends at the first line that fails. */
export async function runPhases(
  { folder, temporary }: { readonly folder: string; readonly temporary: string },
  over: Partial<Record<PhaseName, Phase | null>>,
  more: Partial<PhasesScript> = {},
): Promise<PhasesRun> {
  const script = phasesScript({
    version: '0.2',
    shell: 'sh',
    phases: { ...ALL, ...over },
    exported: [],
    artifacts: null,
    ...more,
  });
  return await new Promise((resolve) => {
    const env = { PATH: process.env.PATH, CODEBUILD_SRC_DIR: folder, TMPDIR: temporary, GIVEN: 'given' };
    const text = `set -eo pipefail\n${script}\n`;
    execFile('bash', ['-c', text], { cwd: folder, env }, (error, stdout, stderr) => {
      const output = stdout + stderr;
      const seen = output
        .split('\n')
        .filter((line) => /^(?:in-|seen)/.test(line))
        .join(', ');
      resolve({ code: typeof error?.code === 'number' ? error.code : 0, output, seen });
    });
  });
}
