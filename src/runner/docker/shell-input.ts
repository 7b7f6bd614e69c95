import { Buffer } from 'node:buffer';

/**
 * Takes the place of the container's command: whichever shell the image has, scripts come in by standard input. That
 * shell is not the container's first process but its child, because the kernel delivers to the first none of the
 * signals it has no handler for: a script could neither be asked to stop nor end itself by a signal.
 */
export const SHELL_COMMAND = [
  'sh',
  '-c',
  'if command -v bash >/dev/null 2>&1; then bash; else sh; fi; exit $?',
];

/**
 * What is written to that shell. The script is one quoted word, which the shell has read to its end before it runs the
 * first command of it; so no command can eat the rest of the script, and all of them see an empty standard input.
 *
 * Both outputs leave through one pipe: the engine reads two of them in whichever order it comes to, and an error would
 * stand in the log before the command that it is about.
 */
export function shellInput(script: string, marker: string): string {
  return `printf %s '${marker}'\neval '${script.replaceAll("'", "'\\''")}' </dev/null 2>&1\n`;
}

/**
 * The output without the marker that the shell prints first. `onStart` is called when it comes; output that ends
 * without it is that of an entrypoint which never started the shell, and such a job must not pass.
 */
export async function* afterMarker(
  output: AsyncIterable<Uint8Array>,
  marker: string,
  onStart: () => void,
): AsyncGenerator<Uint8Array> {
  const wanted = Buffer.from(marker);
  let held: Buffer | null = Buffer.alloc(0);
  for await (const chunk of output) {
    if (held === null) {
      yield chunk;
      continue;
    }
    held = Buffer.concat([held, chunk]);
    const at = held.indexOf(wanted);
    const sure: number = at < 0 ? Math.max(0, held.length - wanted.length + 1) : at;
    if (sure > 0) yield held.subarray(0, sure);
    if (at < 0) {
      held = held.subarray(sure);
      continue;
    }
    onStart();
    const rest: Buffer = held.subarray(at + wanted.length);
    held = null;
    if (rest.length > 0) yield rest;
  }
  if (held !== null && held.length > 0) yield held;
}
