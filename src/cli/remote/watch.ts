import { systemClock } from '../../base/clock.ts';
import { watchPipeline } from '../../client/index.ts';
import type { PipelineStatus } from '../../pipeline/index.ts';
import { chooseColours } from '../colours.ts';
import type { WatchOptions } from '../commands/pipeline.ts';
import { EXIT } from '../exit-codes.ts';
import { type Io, print } from '../io.ts';
import { chooseDisplay } from '../looks/choose-display.ts';
import { chosenPipeline } from './chosen-pipeline.ts';
import { openRemoteProject, type RemoteProject } from './open-remote.ts';

/** What `slipway pipeline watch` does. */
export async function watch(
  io: Io,
  id: string | undefined,
  options: WatchOptions,
  color: boolean,
): Promise<number> {
  const remote = await openRemoteProject(io, options);
  const pipelineId = await chosenPipeline(io, id, remote);
  return watchUntilInterrupted(io, remote, { pipelineId, fromStart: false }, options, color);
}

/** Watches with the looks of a local run. Ctrl-C leaves the pipeline alone, and says how to cancel it. */
export async function watchUntilInterrupted(
  io: Io,
  remote: RemoteProject,
  which: { readonly pipelineId: number; readonly fromStart: boolean },
  options: WatchOptions,
  color: boolean,
): Promise<number> {
  const left = new AbortController();
  const leave = () => left.abort();
  for (const signal of SIGNALS) process.once(signal, leave);
  io.stdout.on('error', leave);
  try {
    const status = await showPipeline(io, remote, which, options, color, left.signal);
    if (!left.signal.aborted) return exitOf(status);
    await print(
      io.stderr,
      `\nThe pipeline goes on: slipway pipeline watch ${which.pipelineId}, or cancel it.\n`,
    );
    return EXIT.interrupted;
  } finally {
    for (const signal of SIGNALS) process.off(signal, leave);
    io.stdout.off('error', leave);
  }
}

/** Shows a pipeline until it is over or the signal aborts. Answers with its status then. */
export async function showPipeline(
  io: Io,
  { client, project }: RemoteProject,
  { pipelineId, fromStart }: { readonly pipelineId: number; readonly fromStart: boolean },
  options: Pick<WatchOptions, 'json' | 'plain'>,
  color: boolean,
  signal: AbortSignal,
): Promise<PipelineStatus> {
  const display = chooseDisplay(io, options, chooseColours(io, io.stdout, color));
  try {
    return await watchPipeline({
      ...{ client, pipelineId, fromStart, signal },
      clock: systemClock,
      projectId: project.id,
      listener: display.show,
    });
  } finally {
    await display.close();
  }
}

/** As a local run ends: what waits for a person has not failed. */
export function exitOf(status: PipelineStatus): number {
  return status === 'success' || status === 'manual' || status === 'skipped' ? EXIT.success : EXIT.failed;
}

const SIGNALS: readonly NodeJS.Signals[] = ['SIGINT', 'SIGTERM', 'SIGHUP'];
