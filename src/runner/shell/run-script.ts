import { randomUUID } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '../../base/clock.ts';
import type { ScriptResult, ScriptRun } from '../executor.ts';
import { type OutputPipe, openOutputPipe } from './output-pipe.ts';

/** A script under way, whoever started it. */
export interface RunningScript {
  /** Its exit code, once it and what it left running has ended; null when its environment is gone. */
  readonly ended: Promise<number | null>;
  signal(how: 'terminate' | 'kill'): void;
}

/** How an environment starts scripts. */
export interface ScriptStarter {
  /** This machine's path of the folder for the script's file and for its output pipe, named OUTPUT_PIPE. */
  readonly scratch: string;
  /** True when no writer can be left once `ended` is resolved. */
  readonly endsEveryWriter: boolean;
  start(scriptName: string, output: OutputPipe): RunningScript;
  /** Why `ended` was null. */
  lostReason(): string;
}

export const OUTPUT_PIPE = '.output';

/**
 * The course of one script, the same with and without a sandbox: write its file, start it, copy its output to the log,
 * end it when aborted (SIGTERM, then SIGKILL after the grace period), and answer when both the processes and the
 * output have ended.
 */
export async function runScript(starter: ScriptStarter, run: ScriptRun, clock: Clock): Promise<ScriptResult> {
  if (run.signal.aborted) return { kind: 'aborted' };
  // The folder is the job's to write to: a name it cannot guess, and never through a link it may have left.
  const name = `.script-${randomUUID()}`;
  await writeFile(join(starter.scratch, name), run.script, { flag: 'wx', mode: 0o600 });
  const output = openOutputPipe(join(starter.scratch, OUTPUT_PIPE));
  const script = starter.start(name, output);
  const pumped = output.pump(run.log).catch((error: unknown) => {
    script.signal('kill');
    return { error };
  });
  const stopWatching = terminateOnAbort(script, run, clock);
  const exitCode = await script.ended;
  stopWatching();
  output.close();
  if (!starter.endsEveryWriter) output.abandonWriters(clock);
  const failure = await pumped;
  if (failure !== undefined) throw failure.error;
  if (run.signal.aborted) return { kind: 'aborted' };
  return exitCode === null ? { kind: 'lost', reason: starter.lostReason() } : { kind: 'exited', exitCode };
}

function terminateOnAbort(script: RunningScript, run: ScriptRun, clock: Clock): () => void {
  let cancelKill: (() => void) | null = null;
  const terminate = () => {
    script.signal('terminate');
    cancelKill = clock.after(run.graceSeconds * 1000, () => script.signal('kill'));
  };
  run.signal.addEventListener('abort', terminate, { once: true });
  if (run.signal.aborted) terminate();
  return () => {
    run.signal.removeEventListener('abort', terminate);
    cancelKill?.();
  };
}
