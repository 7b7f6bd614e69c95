import type { Io } from './io.ts';

export interface Interrupts {
  /** The person wants it to end: jobs are stopped, after_script still runs. */
  readonly cancel: AbortSignal;
  /** The person insists: everything ends at once. */
  readonly kill: AbortSignal;
  /** Gives the signals back to whoever had them. */
  stop(): void;
}

/**
 * Ctrl-C, SIGTERM and the end of the terminal: the first asks, the second insists. A reader of the output that leaves
 * (`slipway run | head`) asks too: nobody would see how the run goes on.
 */
export function listenForInterrupts(io: Io): Interrupts {
  const cancel = new AbortController();
  const kill = new AbortController();
  function onSignal(): void {
    if (!cancel.signal.aborted) {
      io.stderr.write('\nInterrupted: ending the jobs in order. Once more to end them at once.\n');
      cancel.abort();
    } else kill.abort();
  }
  const onReaderGone = (): void => cancel.abort();
  for (const signal of SIGNALS) process.on(signal, onSignal);
  io.stdout.on('error', onReaderGone);
  return {
    cancel: cancel.signal,
    kill: kill.signal,
    stop() {
      for (const signal of SIGNALS) process.off(signal, onSignal);
      io.stdout.off('error', onReaderGone);
    },
  };
}

const SIGNALS: readonly NodeJS.Signals[] = ['SIGINT', 'SIGTERM', 'SIGHUP'];
