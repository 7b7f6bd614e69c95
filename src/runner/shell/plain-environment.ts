import { execFile, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { constants } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Clock } from '../../base/clock.ts';
import type { JobEnvironment, PrepareRequest } from '../executor.ts';
import type { WorkspaceReference } from '../ports.ts';
import { baseEnvironment } from './base-environment.ts';
import { interactByProcess, type StartedScript } from './interact-by-process.ts';
import { PROCESS_MARK, signalMarkedProcesses, signalQuietly } from './marked-processes.ts';
import { OUTPUT_PIPE, type RunningScript, runScript } from './run-script.ts';

export interface PlainRequest extends PrepareRequest {
  readonly shell: string;
  readonly searchPath: string;
  readonly clock: Clock;
}

/**
 * A job's environment without a sandbox: its scripts are ordinary processes in a folder of their own. They are ended
 * by process group and by a mark in their environment, which also finds daemons that left the group.
 */
export async function createPlainEnvironment(request: PlainRequest): Promise<JobEnvironment> {
  const { shell, searchPath, clock, scratch, workspace, references = [] } = request;
  const home = join(scratch, 'home');
  await mkdir(home, { mode: 0o700 });
  await promisify(execFile)('mkfifo', ['-m', '600', join(scratch, OUTPUT_PIPE)]);
  for (const { path, folder } of request.volumes ?? []) {
    await request.log.line(
      `WARNING: Without a sandbox the volume ${path} is at ${folder}; variables with its path as their value say so.`,
      'warning',
    );
  }
  const mark = randomUUID();
  const environment = { ...baseEnvironment({ searchPath, home, shell }), [PROCESS_MARK]: mark };
  let running: RunningScript | null = null;

  function start(scriptName: string, writingEnd: number): RunningScript {
    const child = spawn(shell, [join(scratch, scriptName)], {
      cwd: workspace,
      env: environment,
      stdio: ['ignore', writingEnd, writingEnd],
      detached: true,
    });
    const exited = new Promise<number | null>((resolve) => {
      child.once('error', () => resolve(null));
      child.once('exit', (code, signal) => resolve(code ?? exitCodeOfSignal(signal)));
    });
    const signal = (how: 'terminate' | 'kill') => {
      if (child.pid !== undefined) endProcesses(child.pid, mark, how === 'terminate' ? 'SIGTERM' : 'SIGKILL');
    };
    const ended = exited.then((code) => {
      signal('kill');
      return code;
    });
    return { ended, signal };
  }

  return {
    projectDir: workspace,
    scratchDir: scratch,
    workspace,
    variables: { ...borrowedObjects(references), ...placesOfVolumes(request) },
    async run(script) {
      const starter = {
        scratch,
        endsEveryWriter: false,
        start(name: string, output: { readonly writingEnd: number }) {
          running = start(name, output.writingEnd);
          return running;
        },
        lostReason: () => `${shell} could not be started`,
      };
      return await runScript(starter, script, clock);
    },
    async interact(interaction) {
      const starter = {
        scratch,
        command: (name: string): readonly [string, string] => [shell, join(scratch, name)],
        environment,
        folder: workspace,
        async end(graceSeconds: number, { processId, exited }: StartedScript) {
          if (graceSeconds > 0) {
            signalQuietly(processId, 'SIGTERM');
            signalMarkedProcesses(mark, 'SIGTERM');
            await atMost(graceSeconds, exited, clock);
          }
          signalMarkedProcesses(mark, 'SIGKILL');
        },
      };
      return await interactByProcess(starter, interaction);
    },
    async [Symbol.asyncDispose]() {
      running?.signal('kill');
      await running?.ended;
      running = null;
    },
  };
}

/** Waits for it, but no longer than so. */
async function atMost(seconds: number, event: Promise<unknown>, clock: Clock): Promise<void> {
  await new Promise<void>((resolve) => {
    const cancel = clock.after(seconds * 1000, resolve);
    const happened = () => {
      cancel();
      resolve();
    };
    event.then(happened, happened);
  });
}

/** Nothing can be shown at another path here; git is told by a variable where its objects really are. */
function borrowedObjects(references: readonly WorkspaceReference[]): Readonly<Record<string, string>> {
  if (references.length === 0) return {};
  return { GIT_ALTERNATE_OBJECT_DIRECTORIES: references.map(({ folder }) => folder).join(':') };
}

/** Variables that say where a volume is say where it really is. */
function placesOfVolumes({ job, volumes = [] }: PlainRequest): Readonly<Record<string, string>> {
  const folders = new Map(volumes.map(({ path, folder }) => [path, folder]));
  return Object.fromEntries(
    job.variables.flatMap(({ key, value }) => {
      const folder = folders.get(value);
      return folder === undefined ? [] : [[key, folder]];
    }),
  );
}

function exitCodeOfSignal(signal: NodeJS.Signals | null): number {
  return 128 + (signal === null ? 0 : constants.signals[signal]);
}

function endProcesses(group: number, mark: string, signal: NodeJS.Signals): void {
  signalQuietly(-group, signal);
  signalMarkedProcesses(mark, signal);
}
