import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { ImageCommand } from '../pipeline/index.ts';
import type { JobSpec, JobVariable } from '../protocol/index.ts';
import { recordingLog } from './executor.contract.ts';
import type { CommandRun, JobEnvironment, MountedVolume, ScriptResult } from './executor.ts';

/** What a job of the suite shares, and runs in place of a script. */
export interface SharedJob {
  readonly job: Pick<JobSpec, 'sharedWorkspace' | 'command'> & {
    readonly variables?: readonly JobVariable[];
  };
  readonly workspace: string;
  readonly volumes?: readonly MountedVolume[];
}

/** How the suite gets environments of the executor under test. Programs that it runs: those of a POSIX shell. */
export interface SharingExecutorUnderTest {
  prepare(shared: SharedJob): Promise<JobEnvironment>;
  /** A fresh folder of this machine that jobs may be shown. */
  folder(): Promise<string>;
  /** `false` where a job sees folders where they are, and is told of it by variables. */
  readonly showsPaths: boolean;
  /** Whether jobs run in images, whose programs can be run without a shell. */
  readonly runsPrograms: boolean;
}

/**
 * The promises of `Executor` about jobs that share a working copy, volumes, or run a program of an image, as examples.
 * Called within a `describe` of the implementation's own test file.
 */
export function describeSharedJobs(executor: SharingExecutorUnderTest): void {
  const environments: JobEnvironment[] = [];
  async function prepare(shared: SharedJob): Promise<JobEnvironment> {
    const environment = await executor.prepare(shared);
    environments.push(environment);
    return environment;
  }
  afterEach(async () => {
    for (const environment of environments.splice(0)) await environment[Symbol.asyncDispose]();
  });
  const inWorkspace = { sharedWorkspace: { name: 'one', path: '/workspace', folder: '' } };

  describe('a working copy of several jobs', () => {
    it('is the same for all of them, while they run', async () => {
      const workspace = await executor.folder();
      const [one, other] = [
        await prepare({ job: inWorkspace, workspace }),
        await prepare({ job: inWorkspace, workspace }),
      ];
      const meet = (mine: string, theirs: string) =>
        `echo ${mine} > ${mine}; until [ -s ${theirs} ]; do sleep 0.02; done; cat ${theirs}`;
      const [first, second] = await Promise.all([run(one, meet('a', 'b')), run(other, meet('b', 'a'))]);
      expect([first.output, second.output]).toEqual(['b\n', 'a\n']);
      expect(await readFile(join(workspace, 'a'), 'utf8')).toBe('a\n');
    });

    it('stands where the job says', async () => {
      const workspace = await executor.folder();
      await writeFile(join(workspace, 'file'), 'there\n');
      const environment = await prepare({ job: inWorkspace, workspace });
      const path = executor.showsPaths ? '/workspace' : workspace;
      expect(environment.projectDir).toBe(path);
      expect((await run(environment, `pwd; cat ${path}/file`)).output).toBe(`${path}\nthere\n`);
    });

    it('stays when a job ends, and so do the others', async () => {
      const workspace = await executor.folder();
      const [one, other] = [
        await prepare({ job: inWorkspace, workspace }),
        await prepare({ job: inWorkspace, workspace }),
      ];
      const log = recordingLog();
      const running = start(other, 'echo ready; until [ -e go ]; do sleep 0.02; done; cat kept', log);
      await log.saw('ready\n');
      await run(one, 'echo kept > kept');
      await one[Symbol.asyncDispose]();
      await writeFile(join(workspace, 'go'), '');
      expect(await running).toEqual({ kind: 'exited', exitCode: 0 });
      expect(log.text()).toBe('ready\nkept\n');
    });

    it('loses what a job removes', async () => {
      const workspace = await executor.folder();
      await writeFile(join(workspace, 'file'), '');
      await run(await prepare({ job: inWorkspace, workspace }), 'rm file');
      const { output } = await run(await prepare({ job: inWorkspace, workspace }), 'ls');
      expect(output).toBe('');
    });
  });

  describe('a volume', () => {
    const PATH = '/builder/home';
    const variable = { key: 'PLACE', value: PATH, file: false, masked: false, raw: true };

    async function withVolume(volume: string): Promise<{ environment: JobEnvironment; place: string }> {
      const workspace = await executor.folder();
      const volumes = [{ folder: volume, path: PATH }];
      const environment = await prepare({
        job: { ...inWorkspace, variables: [variable] },
        workspace,
        volumes,
      });
      return { environment, place: environment.variables.PLACE ?? PATH };
    }

    it('is for the next job what the one before has left, and no part of the working copy', async () => {
      const volume = await executor.folder();
      const first = await withVolume(volume);
      await run(first.environment, `echo kept > ${first.place}/file; mkdir ${first.place}/folder`);
      await first.environment[Symbol.asyncDispose]();
      const second = await withVolume(volume);
      const { output } = await run(second.environment, `ls ${second.place}; cat ${second.place}/file; ls`);
      expect(output).toBe('file\nfolder\nkept\n');
      expect(await readFile(join(volume, 'file'), 'utf8')).toBe('kept\n');
    });

    it('is seen at its path, or a variable says where', async () => {
      const { environment, place } = await withVolume(await executor.folder());
      expect(place === PATH).toBe(executor.showsPaths);
      expect((await run(environment, `test -d ${place}`)).result).toEqual({ kind: 'exited', exitCode: 0 });
    });

    it('is shared by jobs that run at once', async () => {
      const volume = await executor.folder();
      const [one, other] = [await withVolume(volume), await withVolume(volume)];
      const waiting = run(
        other.environment,
        `until [ -s ${other.place}/sign ]; do sleep 0.02; done; cat ${other.place}/sign`,
      );
      await run(one.environment, `echo hello > ${one.place}/sign`);
      expect((await waiting).output).toBe('hello\n');
    });
  });

  it('programs of an image are run where there are images', async () => {
    const environment = await prepare({
      job: { ...inWorkspace, command: sh('exit 0') },
      workspace: await executor.folder(),
    });
    expect(environment.runCommand !== undefined).toBe(executor.runsPrograms);
  });
  if (!executor.runsPrograms) return;

  describe('a program', () => {
    async function prepareFor(command: ImageCommand): Promise<JobEnvironment> {
      return await prepare({ job: { ...inWorkspace, command }, workspace: await executor.folder() });
    }

    it('gets its arguments as they are, without a shell between', async () => {
      const words = ['<%s>', '$HOME', 'two words', "it's", '`date`', '', '*', '\n', 'ü'];
      const command = { program: 'printf', arguments: words };
      const { output } = await runProgram(await prepareFor(command), { command });
      expect(output).toBe("<$HOME><two words><it's><`date`><><*><\n><ü>");
    });

    it('has the variables, starts in its folder, which is made, and finds nothing to read', async () => {
      const command = sh('pwd; echo "$GREETING"; cat');
      const { output } = await runProgram(await prepareFor(command), {
        command,
        folder: '/workspace/deep/down',
        variables: new Map([['GREETING', 'good  day\nto all']]),
      });
      expect(output).toBe('/workspace/deep/down\ngood  day\nto all\n');
    });

    it.each([
      { script: 'exit 0', exitCode: 0 },
      { script: 'exit 7', exitCode: 7 },
      // The first process of a container cannot end itself so; another one can.
      { script: 'sleep 100 & kill -KILL $!; wait $!', exitCode: 137 },
    ])('answers $exitCode for `$script`', async ({ script, exitCode }) => {
      const command = sh(script);
      const { result } = await runProgram(await prepareFor(command), { command });
      expect(result).toEqual({ kind: 'exited', exitCode });
    });

    it('writes standard output and standard error to the log, all of them', async () => {
      const command = sh('echo out; echo err >&2; head -c 3000000 /dev/zero | tr "\\0" x; echo end >&2');
      const environment = await prepareFor(command);
      let length = 0;
      const write = async (bytes: Uint8Array): Promise<void> => {
        length += bytes.length;
      };
      const log = { ...recordingLog(), write };
      const result = await environment.runCommand?.({ ...runOf(environment, command), log });
      expect(result).toEqual({ kind: 'exited', exitCode: 0 });
      expect(length).toBe('out\nerr\nend\n'.length + 3_000_000);
    });

    it('that the log cannot keep ends with the failure', async () => {
      const command = sh('yes');
      const environment = await prepareFor(command);
      const log = { ...recordingLog(), write: () => Promise.reject(new Error('disk full')) };
      await expect(environment.runCommand?.({ ...runOf(environment, command), log })).rejects.toThrow(
        'disk full',
      );
    });

    it('has to be there', async () => {
      const command = { program: 'no-such-program', arguments: [] };
      const running = runProgram(await prepareFor(command), { command });
      await expect(running).rejects.toMatchObject({ code: 'container-start-failed' });
    });

    it.each([
      {
        how: 'that listens ends itself',
        trap: "trap 'echo asked; exit 0' TERM",
        graceSeconds: 20,
        said: 'asked\n',
      },
      { how: 'that does not is ended after its grace', trap: "trap '' TERM", graceSeconds: 0.2, said: '' },
    ])('aborted, one $how', async ({ trap, graceSeconds, said }) => {
      const command = sh(`${trap}; echo ready; while :; do sleep 0.02; done`);
      const environment = await prepareFor(command);
      const stop = new AbortController();
      const log = recordingLog();
      const running = environment.runCommand?.({
        ...runOf(environment, command),
        log,
        signal: stop.signal,
        graceSeconds,
      });
      await log.saw('ready\n');
      stop.abort();
      expect(await running).toEqual({ kind: 'aborted' });
      expect(log.text()).toBe(`ready\n${said}`);
    });

    it('aborted before the start is not started', async () => {
      const command = sh(': > started');
      const environment = await prepareFor(command);
      const signal = AbortSignal.abort();
      expect(await environment.runCommand?.({ ...runOf(environment, command), signal })).toEqual({
        kind: 'aborted',
      });
      await expect(stat(join(environment.workspace, 'started'))).rejects.toMatchObject({ code: 'ENOENT' });
    });

    it('and scripts and programs after it see the same files', async () => {
      const command = sh('echo by the program > file');
      const environment = await prepareFor(command);
      await runProgram(environment, { command });
      expect((await run(environment, 'cat file')).output).toBe('by the program\n');
      expect((await runProgram(environment, { command: sh('cat file') })).output).toBe('by the program\n');
    });
  });
}

function sh(script: string): ImageCommand {
  return { program: 'sh', arguments: ['-c', script] };
}

interface Outcome {
  readonly result: ScriptResult | undefined;
  readonly output: string;
}

async function run(environment: JobEnvironment, script: string): Promise<Outcome> {
  const log = recordingLog();
  return { result: await start(environment, script, log), output: log.text() };
}

function start(
  environment: JobEnvironment,
  script: string,
  log: ReturnType<typeof recordingLog>,
): Promise<ScriptResult> {
  return environment.run({ script, log, signal: new AbortController().signal, graceSeconds: 1 });
}

async function runProgram(
  environment: JobEnvironment,
  part: Pick<CommandRun, 'command'> & Partial<CommandRun>,
): Promise<Outcome> {
  const log = recordingLog();
  const result = await environment.runCommand?.({ ...runOf(environment, part.command), ...part, log });
  return { result, output: log.text() };
}

function runOf(environment: JobEnvironment, command: ImageCommand): CommandRun {
  return {
    command,
    variables: new Map(),
    folder: environment.projectDir,
    log: recordingLog(),
    signal: new AbortController().signal,
    graceSeconds: 1,
  };
}
