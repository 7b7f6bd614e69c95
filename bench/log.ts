import { withRepository } from './generate.ts';
import { median, slipway } from './measure.ts';
import { megabytes, milliseconds, type Section } from './table.ts';

/** A job that prints much: how fast it goes through masking, the log file and the display, and in how much memory. */
export async function benchLog(): Promise<Section> {
  const rows: string[][] = [];
  for (const { name, megabytesOfLog, script } of CASES) {
    const text = `print: { script: ['${script}'] }\n`;
    const measured = await withRepository({ '.gitlab-ci.yml': text }, (folder) =>
      median(1, () => slipway(folder, ['run', '--executor', 'shell', '--plain', '--var', 'TOKEN=no-secret'])),
    );
    rows.push([
      name,
      milliseconds(measured.milliseconds),
      `${Math.round((megabytesOfLog * 1000) / measured.milliseconds)} MB/s`,
      megabytes(measured.peakMegabytes),
      '150 MB',
    ]);
  }
  return {
    title: 'large logs',
    note: 'One shell job, printed with `--plain` to a reader that takes everything.',
    head: ['log', 'wall time', 'speed', 'peak memory', 'limit'],
    rows,
  };
}

const LINE = 'a line of a log that is about as long as lines of logs are, give or take';

const CASES = [
  {
    name: '1 GB in short lines',
    megabytesOfLog: 1000,
    script: `(yes "${LINE}" || true) | head -c 1000000000`,
  },
  {
    name: '1 GB without a line end',
    megabytesOfLog: 1000,
    script: 'head -c 1000000000 /dev/zero | tr "\\\\0" x',
  },
] as const;
