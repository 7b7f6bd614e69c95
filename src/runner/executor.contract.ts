import { Buffer } from 'node:buffer';
import { createReadStream, createWriteStream, openSync } from 'node:fs';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { finished } from 'node:stream/promises';
import { afterEach, describe, expect, it } from 'vitest';
import type { Interaction, JobEnvironment, ScriptResult } from './executor.ts';
import type { JobLog } from './log/job-log.ts';

/** How the suite gets environments of the executor under test. Scripts may use a POSIX shell and coreutils. */
export interface ExecutorUnderTest {
  /** A prepared environment with an empty workspace, for a job of its own. */
  prepare(): Promise<JobEnvironment>;
  /** `false` where the executor says itself that a job's files or processes are not hidden from others. */
  readonly isolates: boolean;
}

/** The promises of `Executor`, as examples. Called within a `describe` of the implementation's own test file. */
export function describeExecutorContract(executor: ExecutorUnderTest): void {
  const environments: JobEnvironment[] = [];
  async function prepare(): Promise<JobEnvironment> {
    const environment = await executor.prepare();
    environments.push(environment);
    return environment;
  }
  afterEach(async () => {
    for (const environment of environments.splice(0)) await environment[Symbol.asyncDispose]();
  });

  describe('scripts', () => {
    it.each([
      { script: 'exit 0', exitCode: 0 },
      { script: 'exit 3', exitCode: 3 },
      { script: 'set -e; false; exit 0', exitCode: 1 },
      { script: 'no-such-command-anywhere', exitCode: 127 },
      { script: 'kill -KILL $$', exitCode: 137 },
    ])('answers $exitCode for `$script`', async ({ script, exitCode }) => {
      expect(await run(await prepare(), script)).toMatchObject({ result: { kind: 'exited', exitCode } });
    });

    it('share files, and start in the project folder with nothing to read', async () => {
      const environment = await prepare();
      await run(environment, 'echo one > file; echo two > "$HOME/file"');
      const { output } = await run(environment, 'pwd; cat file "$HOME/file"; cat');
      expect(output).toBe(`${environment.projectDir}\none\ntwo\n`);
    });

    it('read and write the same files as this process through `workspace`', async () => {
      const environment = await prepare();
      await writeFile(join(environment.workspace, 'restored'), 'from the runner');
      const { output } = await run(environment, 'cat restored; mkdir out; echo built > out/result');
      expect(output).toBe('from the runner');
      expect(await readFile(join(environment.workspace, 'out', 'result'), 'utf8')).toBe('built\n');
    });

    it('write standard output and standard error to the log in the order they were written', async () => {
      const { output } = await run(await prepare(), 'for i in 1 2 3; do echo out $i; echo err $i >&2; done');
      expect(output).toBe('out 1\nerr 1\nout 2\nerr 2\nout 3\nerr 3\n');
    });

    it('may open their output by name, as the log settings of daemons do', async () => {
      const { output } = await run(await prepare(), 'echo one > /dev/stdout; echo two > /proc/self/fd/2');
      expect(output).toBe('one\ntwo\n');
    });

    it('write bytes that are no text', async () => {
      const { bytes } = await run(await prepare(), "printf '\\000\\377\\200\\n\\033[0m'");
      expect(bytes).toEqual(Buffer.from([0, 0xff, 0x80, 0x0a, 0x1b, 0x5b, 0x30, 0x6d]));
    });

    it('may close their output and go on', async () => {
      const { result, output } = await run(await prepare(), 'echo before; exec >&- 2>&-; true; exit 4');
      expect(result).toEqual({ kind: 'exited', exitCode: 4 });
      expect(output).toBe('before\n');
    });
  });

  describe('output', () => {
    it('reaches the log while the script runs', async () => {
      const environment = await prepare();
      const log = recordingLog();
      const running = runWith(
        environment,
        'echo ready; until [ -e go ]; do sleep 0.02; done; echo done',
        log,
      );
      await log.saw('ready\n');
      await writeFile(join(environment.workspace, 'go'), '');
      expect(await running).toEqual({ kind: 'exited', exitCode: 0 });
      expect(log.text()).toBe('ready\ndone\n');
    });

    it('is complete and does not fill the memory when the log is slower than the script', async () => {
      const environment = await prepare();
      let bytes = 0;
      let inFlight = 0;
      let mostInFlight = 0;
      const log: JobLog = {
        ...recordingLog(),
        async write(chunk) {
          inFlight += chunk.length;
          mostInFlight = Math.max(mostInFlight, inFlight);
          await new Promise((resolve) => setImmediate(resolve));
          bytes += chunk.length;
          inFlight -= chunk.length;
        },
      };
      const result = await runWith(environment, 'head -c 50000000 /dev/zero', log);
      expect(result).toEqual({ kind: 'exited', exitCode: 0 });
      expect(bytes).toBe(50_000_000);
      expect(mostInFlight).toBeLessThan(1_000_000);
    });

    it('that the log cannot keep ends the script with the failure', async () => {
      const log: JobLog = { ...recordingLog(), write: () => Promise.reject(new Error('disk full')) };
      await expect(runWith(await prepare(), 'yes', log)).rejects.toThrow('disk full');
    });
  });

  describe('aborting', () => {
    it('lets the script end itself on SIGTERM', async () => {
      const environment = await prepare();
      const script = "trap 'echo asked; exit 0' TERM; echo ready; while :; do sleep 0.02; done";
      const { result, output } = await runUntil(environment, script, 'ready\n', { graceSeconds: 10 });
      expect(result).toEqual({ kind: 'aborted' });
      expect(output).toContain('asked\n');
    });

    it('ends what does not listen, daemons in sessions of their own included', async () => {
      const environment = await prepare();
      const daemon = 'setsid sh -c \'trap "" TERM HUP; while :; do echo x >> alive; sleep 0.02; done\' &';
      const script = `trap '' TERM; ${daemon} until [ -s alive ]; do sleep 0.02; done; echo ready; while :; do sleep 1; done`;
      const { result } = await runUntil(environment, script, 'ready\n', { graceSeconds: 0.1 });
      expect(result).toEqual({ kind: 'aborted' });
      const alive = join(environment.workspace, 'alive');
      const size = (await stat(alive)).size;
      await run(environment, 'sleep 0.1');
      expect((await stat(alive)).size).toBe(size);
    });

    it('ends a script that writes for ever', async () => {
      const { result } = await runUntil(await prepare(), 'yes', 'y\n', { graceSeconds: 1 });
      expect(result).toEqual({ kind: 'aborted' });
    });

    it('before the start starts nothing', async () => {
      const environment = await prepare();
      const log = recordingLog();
      const signal = AbortSignal.abort();
      expect(await environment.run({ script: 'echo started', log, signal, graceSeconds: 1 })).toEqual({
        kind: 'aborted',
      });
      expect(log.text()).toBe('');
    });

    it('leaves an environment in which another script can run', async () => {
      const environment = await prepare();
      await runUntil(environment, 'echo ready; sleep 100', 'ready\n', { graceSeconds: 1 });
      expect(await run(environment, 'echo after')).toMatchObject({ output: 'after\n' });
    });
  });

  describe('interacting', () => {
    it('joins input, output and errors, and answers with the exit code', async () => {
      const environment = await prepare();
      await run(environment, 'echo kept > file');
      const script = 'cat; cat file; pwd; echo oops >&2; exit 9';
      expect(await interact(environment, script, 'typed\n')).toEqual({
        exitCode: 9,
        output: `typed\nkept\n${environment.projectDir}\n`,
        error: 'oops\n',
      });
    });

    it('finds the environment that scripts find', async () => {
      const environment = await prepare();
      const look = 'id -u; echo "$HOME $PATH"; hostname; umask';
      const { output } = await run(environment, look);
      expect(await interact(environment, look)).toMatchObject({ output });
    });

    it('passes all of a large input and output', async () => {
      const input = 'x'.repeat(3_000_000);
      const { output } = await interact(await prepare(), 'cat', input);
      expect(output === input).toBe(true);
    });

    it('leaves nothing running, and an environment in which a script can run', async () => {
      const environment = await prepare();
      const daemon = 'setsid sh -c \'trap "" TERM HUP; while :; do echo x >> alive; sleep 0.02; done\' &';
      await interact(environment, `${daemon} until [ -s alive ]; do sleep 0.02; done`);
      const alive = join(environment.workspace, 'alive');
      const { size } = await stat(alive);
      expect(await run(environment, 'sleep 0.1; echo after')).toMatchObject({ output: 'after\n' });
      expect((await stat(alive)).size).toBe(size);
    });

    it.each([
      {
        how: 'that listens, when it is ready',
        trap: "trap 'sleep 0.3; echo asked; exit 0' TERM",
        said: 'asked\n',
        graceSeconds: 10,
      },
      { how: 'that does not', trap: "trap '' TERM", said: '', graceSeconds: 0.2 },
    ])('aborted ends a script $how', async ({ trap, said, graceSeconds }) => {
      const environment = await prepare();
      const controller = new AbortController();
      const script = `${trap}; : > ready; while :; do sleep 0.02; done`;
      const interacting = interact(environment, script, '', { signal: controller.signal, graceSeconds });
      const isReady = () =>
        stat(join(environment.workspace, 'ready')).then(
          () => true,
          () => false,
        );
      while (!(await isReady())) await new Promise((resolve) => setImmediate(resolve));
      controller.abort();
      expect((await interacting).output).toBe(said);
      expect(await run(environment, 'echo after')).toMatchObject({ output: 'after\n' });
    });
  });

  describe('leftovers', () => {
    it('a daemon that keeps the output open does not keep the script from ending', async () => {
      const { result, output } = await run(await prepare(), 'sleep 1000 & echo over');
      expect(result).toEqual({ kind: 'exited', exitCode: 0 });
      expect(output).toBe('over\n');
    });

    it('disposing twice, and at once, is the same as disposing once', async () => {
      const environment = await prepare();
      await Promise.all([environment[Symbol.asyncDispose](), environment[Symbol.asyncDispose]()]);
      await environment[Symbol.asyncDispose]();
    });

    it('disposing ends a running script', async () => {
      const environment = await prepare();
      const log = recordingLog();
      const running = runWith(environment, 'echo ready; sleep 1000', log);
      await log.saw('ready\n');
      await environment[Symbol.asyncDispose]();
      expect((await running).kind).not.toBe('aborted');
    });
  });

  describe('the environment', () => {
    it('is clean but for the basics', async () => {
      process.env.SLIPWAY_TEST_LEAK = 'leaked';
      const { output } = await run(await prepare(), 'env');
      delete process.env.SLIPWAY_TEST_LEAK;
      expect(output).not.toContain('leaked');
      expect(output).toMatch(/^PATH=/m);
    });

    it('has a home of its own that can be written to', async () => {
      const { output } = await run(
        await prepare(),
        'ls -A "$HOME" | wc -l; echo x > "$HOME/.config" && echo written',
      );
      expect(output.replaceAll(' ', '')).toBe('0\nwritten\n');
    });
  });

  describe('two jobs at once', () => {
    it('see neither the files nor the processes of the other', async (context) => {
      if (!executor.isolates) context.skip('without a sandbox there is no isolation to hold it to');
      const [one, other] = await Promise.all([prepare(), prepare()]);
      const log = recordingLog();
      const running = runWith(
        one,
        'echo mine > /tmp/mark; echo mine > mark; sleep 98765 & echo ready; wait',
        log,
      );
      await log.saw('ready\n');
      const look = "ls /tmp . ; for f in /proc/[0-9]*/cmdline; do tr '\\0' ' ' < $f; echo; done";
      const { output } = await run(other, look);
      expect(output).not.toContain('mark');
      expect(output).not.toMatch(/^sleep 98765/m);
      await one[Symbol.asyncDispose]();
      await running;
    });

    it('run at the same time', async () => {
      const [one, other] = await Promise.all([prepare(), prepare()]);
      const wait = 'echo ready; until [ -e go ]; do sleep 0.02; done';
      const log = recordingLog();
      const running = runWith(one, wait, log);
      await log.saw('ready\n');
      expect(await run(other, 'echo other')).toMatchObject({ output: 'other\n' });
      await writeFile(join(one.workspace, 'go'), '');
      expect(await running).toEqual({ kind: 'exited', exitCode: 0 });
    });
  });
}

interface RecordingLog extends JobLog {
  readonly bytes: () => Buffer;
  readonly text: () => string;
  /** Resolves when the text has come by. */
  saw(text: string): Promise<void>;
}

/** A log in memory; the runner's own lines are left out of it. */
export function recordingLog(): RecordingLog {
  const chunks: Uint8Array[] = [];
  const watchers: { readonly text: string; readonly resolve: () => void }[] = [];
  const bytes = () => Buffer.concat(chunks);
  function notify(): void {
    for (const watcher of watchers) if (bytes().includes(watcher.text)) watcher.resolve();
  }
  return {
    bytes,
    text: () => bytes().toString(),
    saw: (text) =>
      new Promise((resolve) => {
        watchers.push({ text, resolve });
        notify();
      }),
    async write(chunk) {
      // One that nobody reads would only make the tests slow.
      if (chunks.length < MOST_CHUNKS) chunks.push(Buffer.from(chunk));
      if (watchers.length > 0 && chunks.length < MOST_CHUNKS) notify();
    },
    line: () => Promise.resolve(),
    sectionStart: () => Promise.resolve(),
    sectionEnd: () => Promise.resolve(),
    mask: () => undefined,
  };
}

const MOST_CHUNKS = 100;

async function run(
  environment: JobEnvironment,
  script: string,
): Promise<{ readonly result: ScriptResult; readonly output: string; readonly bytes: Buffer }> {
  const log = recordingLog();
  const result = await runWith(environment, script, log);
  return { result, output: log.text(), bytes: log.bytes() };
}

function runWith(environment: JobEnvironment, script: string, log: JobLog): Promise<ScriptResult> {
  return environment.run({ script, log, signal: new AbortController().signal, graceSeconds: 1 });
}

/** Runs a script and aborts it once it has printed `text`. */
async function runUntil(
  environment: JobEnvironment,
  script: string,
  text: string,
  options: { readonly graceSeconds: number },
): Promise<{ readonly result: ScriptResult; readonly output: string }> {
  const log = recordingLog();
  const controller = new AbortController();
  const running = environment.run({ script, log, signal: controller.signal, ...options });
  await log.saw(text);
  controller.abort();
  return { result: await running, output: log.text() };
}

/** Interacts by files in place of a terminal. */
async function interact(
  environment: JobEnvironment,
  script: string,
  input = '',
  over: Partial<Interaction> = {},
): Promise<{ readonly exitCode: number; readonly output: string; readonly error: string }> {
  const folder = await mkdtemp(join(tmpdir(), 'slipway-terminal-'));
  const paths = {
    input: join(folder, 'input'),
    output: join(folder, 'output'),
    error: join(folder, 'error'),
  };
  await writeFile(paths.input, input);
  const writing = (path: string) => {
    const fd = openSync(path, 'w');
    return Object.assign(createWriteStream(path, { fd }), { fd });
  };
  const fd = openSync(paths.input, 'r');
  const reading = Object.assign(createReadStream(paths.input, { fd }), { fd });
  const terminal = { input: reading, output: writing(paths.output), error: writing(paths.error) };
  const signal = new AbortController().signal;
  try {
    const exitCode = await environment.interact({ script, terminal, signal, graceSeconds: 1, ...over });
    for (const stream of [terminal.output, terminal.error]) {
      stream.end();
      await finished(stream);
    }
    const [output, error] = await Promise.all([
      readFile(paths.output, 'utf8'),
      readFile(paths.error, 'utf8'),
    ]);
    return { exitCode, output, error };
  } finally {
    reading.destroy();
    await rm(folder, { recursive: true });
  }
}
