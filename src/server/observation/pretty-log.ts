import { printable } from '../../base/printable.ts';

export type LogColours = Readonly<Record<'dim' | 'red' | 'yellow' | 'cyan', (text: string) => string>>;

/**
 * Lines of the log for somebody who looks at a terminal: the time of day, how bad it is, what happened, and the rest as
 * `name=value`. Takes lines of JSON, and hands on what is none as it is.
 */
export function prettyLog(write: (line: string) => void, colours: LogColours): (line: string) => void {
  return (line) => write(prettyLine(line, colours));
}

function prettyLine(line: string, colours: LogColours): string {
  const entry = parsed(line);
  if (entry === null) return line;
  const { level, time, msg, err, ...rest } = entry;
  const at = typeof time === 'number' ? new Date(time).toTimeString().slice(0, 8) : '';
  const words = Object.entries(rest).map(([name, value]) => `${name}=${valueText(value)}`);
  const failure = typeof err === 'object' && err !== null && 'stack' in err ? `\n  ${String(err.stack)}` : '';
  const text = [String(msg ?? ''), ...words].join('  ') + failure.replaceAll('\n', '\n  ');
  // What clients send must not move the cursor.
  return `${colours.dim(at)} ${levelText(level, colours)} ${text.split('\n').map(printable).join('\n')}\n`;
}

function parsed(line: string): Readonly<Record<string, unknown>> | null {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null ? { ...value } : null;
  } catch {
    // A line of somebody else.
    return null;
  }
}

function levelText(level: unknown, { red, yellow, dim, cyan }: LogColours): string {
  if (typeof level !== 'number' || level < 30) return dim('debug');
  if (level >= 50) return red('error');
  return level >= 40 ? yellow('warn ') : cyan('info ');
}

function valueText(value: unknown): string {
  if (typeof value === 'string') return /^[\w./:@-]+$/.test(value) ? value : JSON.stringify(value);
  return JSON.stringify(value) ?? String(value);
}
