import { printable } from '../../base/printable.ts';
import type { RunnerEvent } from '../../runner/index.ts';
import type { Io } from '../io.ts';
import { durationText } from '../looks/duration-text.ts';

export type ShownEvent = RunnerEvent | { readonly type: 'refused'; readonly reason: string };

/** Shows what happens in a runner, a line each: in words, or as JSON. */
export function showRunnerEvents(
  io: Io,
  { json, name, now }: { readonly json: boolean; readonly name: string | null; readonly now: () => Date },
): (event: ShownEvent) => void {
  return (event) => {
    const time = now().toISOString();
    if (json) {
      const shown = event.type === 'defect' ? { ...event, error: stackOf(event.error) } : event;
      io.stdout.write(`${JSON.stringify({ time, ...(name === null ? {} : { runner: name }), ...shown })}\n`);
      return;
    }
    const who = name === null ? '' : `${name}: `;
    io.stdout.write(`${time.slice(0, 19)}Z  ${who}${printable(wordsOf(event))}\n`);
    if (event.type === 'defect') io.stderr.write(`${stackOf(event.error)}\n`);
  };
}

function wordsOf(event: ShownEvent): string {
  switch (event.type) {
    case 'ready':
      return 'waiting for jobs';
    case 'job-taken':
      return `job ${event.job} taken: ${event.name} of ${event.project}`;
    case 'job-ended': {
      const reason = event.reason === null ? '' : ` (${event.reason})`;
      return `job ${event.job} ${event.status}${reason} after ${durationText(event.seconds)}`;
    }
    case 'job-not-reported':
      return `job ${event.job}: the server was not told how it ended: ${event.reason}`;
    case 'server-away':
      return `the server is away (${event.reason}); waiting for it`;
    case 'server-back':
      return 'the server is back';
    case 'draining':
      return event.jobs === 0 ? 'stopping' : `stopping when ${event.jobs} jobs have ended`;
    case 'warning':
      return `warning: ${event.message}`;
    case 'bad-offer':
      return `the server offers what is no job: ${event.problem}`;
    case 'refused':
      return `the server does not know this runner any more: ${event.reason}`;
    case 'defect':
      return `a defect in Slipway itself, please report it${event.job === null ? '' : ` (job ${event.job})`}`;
  }
}

function stackOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
