import { systemClock } from '../../base/clock.ts';
import type { Colours } from '../colours.ts';
import type { Io } from '../io.ts';
import type { Display } from './display.ts';
import { jsonDisplay } from './json-display.ts';
import { liveDisplay } from './live-display.ts';
import { plainDisplay } from './plain-display.ts';

/** Live on a terminal, plain in a pipe or under CI, JSON when asked for. */
export function chooseDisplay(
  io: Io,
  options: { readonly json?: boolean; readonly plain?: boolean },
  colours: Colours,
): Display {
  if (options.json === true) return jsonDisplay(io.stdout);
  const isCi = io.environment.CI !== undefined && io.environment.CI !== '' && io.environment.CI !== 'false';
  const isLive =
    io.stdout.isTTY === true && !isCi && io.environment.TERM !== 'dumb' && options.plain !== true;
  return isLive
    ? liveDisplay(io.stdout, colours, systemClock)
    : plainDisplay(io.stdout, colours, systemClock);
}
