import type { Io } from '../io.ts';

/** How a runner is told to end, ever more urgently. */
export interface Stops {
  /** Take no more jobs. */
  readonly drain: AbortSignal;
  /** Give the jobs back that run. */
  readonly handBack: AbortSignal;
  /** Leave everything. */
  readonly abandon: AbortSignal;
  /** Gives the signals of the system back to whoever had them. */
  end(): void;
}

/** @param drainMs how long jobs may take to end once no more are taken; null: as long as they like */
export function listenForStops(io: Io, drainMs: number | null): Stops {
  const drain = new AbortController();
  const handBack = new AbortController();
  const abandon = new AbortController();
  const timers: NodeJS.Timeout[] = [];

  function startHandBack(): void {
    if (handBack.signal.aborted) return;
    io.stderr.write('Giving the jobs back to the server.\n');
    drain.abort();
    handBack.abort();
    timers.push(setTimeout(() => abandon.abort(), HAND_BACK_MS));
  }

  function onStop(): void {
    if (!drain.signal.aborted) {
      io.stderr.write('Taking no more jobs. Once more to give back those that run.\n');
      drain.abort();
      if (drainMs !== null) timers.push(setTimeout(startHandBack, drainMs));
    } else if (!handBack.signal.aborted) startHandBack();
    else abandon.abort();
  }

  for (const signal of STOPS) process.on(signal, onStop);
  process.on('SIGUSR2', startHandBack);
  return {
    drain: drain.signal,
    handBack: handBack.signal,
    abandon: abandon.signal,
    end() {
      for (const signal of STOPS) process.off(signal, onStop);
      process.off('SIGUSR2', startHandBack);
      for (const timer of timers) clearTimeout(timer);
    },
  };
}

const STOPS: readonly NodeJS.Signals[] = ['SIGINT', 'SIGTERM', 'SIGQUIT', 'SIGHUP'];
/** Machines that go away say so two minutes before, some thirty seconds. */
const HAND_BACK_MS = 20_000;
