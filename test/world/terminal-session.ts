import { spawn } from 'node:child_process';
import { once } from 'node:events';

/** A command line on a terminal of its own, with somebody who types. */
export interface TerminalSession extends AsyncDisposable {
  /** As on a keyboard: `\r` is the return key, `\x03` Ctrl-C. */
  type(keys: string): void;
  /** Resolves once the screen has shown this after what was waited for before. */
  sees(text: string | RegExp): Promise<void>;
  /** Everything shown so far. */
  screen(): string;
  /** Resolves when the command has ended. */
  readonly ended: Promise<void>;
}

/** `script` of util-linux makes the terminal; the command line is one for sh. */
export function openTerminal(
  commandLine: string,
  options: { readonly cwd: string; readonly env: NodeJS.ProcessEnv },
): TerminalSession {
  const child = spawn('script', ['--quiet', '--return', '--command', commandLine, '/dev/null'], {
    cwd: options.cwd,
    env: { ...options.env, TERM: 'xterm' },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  let shown = '';
  let waitedUntil = 0;
  let onChange: () => void = () => undefined;
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    shown += text;
    onChange();
  });
  const ended = once(child, 'close').then(() => onChange());
  return {
    type: (keys) => child.stdin.write(keys),
    async sees(text) {
      await new Promise<void>((resolve, reject) => {
        onChange = () => {
          const rest = shown.slice(waitedUntil);
          const at = typeof text === 'string' ? rest.indexOf(text) : rest.search(text);
          if (at >= 0) {
            waitedUntil += at + 1;
            resolve();
          } else if (child.stdout.readableEnded) reject(new Error(`never saw ${text} in:\n${shown}`));
        };
        onChange();
      });
    },
    screen: () => shown,
    ended,
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL');
      await ended;
    },
  };
}
