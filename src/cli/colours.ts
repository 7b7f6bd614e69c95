import picocolors from 'picocolors';
import type { Io, Output } from './io.ts';

export type Colours = ReturnType<typeof picocolors.createColors>;

/**
 * Colours for one of the two streams, or functions that leave text as it is. `--no-color` wins, then NO_COLOR (set to
 * anything but nothing, as no-color.org says), then FORCE_COLOR (`0` and `false` mean no); else a terminal gets
 * colours and a pipe does not.
 */
export function chooseColours(io: Io, stream: Output, flag: boolean): Colours {
  return picocolors.createColors(wantsColours(io, stream, flag));
}

function wantsColours({ environment }: Io, stream: Output, flag: boolean): boolean {
  if (!flag) return false;
  if (environment.NO_COLOR !== undefined && environment.NO_COLOR !== '') return false;
  const force = environment.FORCE_COLOR;
  if (force !== undefined && force !== '') return force !== '0' && force !== 'false';
  return stream.isTTY === true && environment.TERM !== 'dumb';
}
