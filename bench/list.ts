import { listPipeline, withRepository } from './generate.ts';
import { type Measured, median, slipway } from './measure.ts';
import { megabytes, milliseconds, ratio, type Section } from './table.ts';

/** `slipway list` on pipelines of growing size, by the wall time of the whole process. */
export async function benchList(): Promise<Section> {
  const results: (Measured & (typeof SIZES)[number])[] = [];
  for (const size of SIZES) {
    const measured = await withRepository(listPipeline(size.jobs), (folder) =>
      median(9, () => slipway(folder, ['list'])),
    );
    results.push({ ...size, ...measured });
  }
  const [hundred, most] = [results[1], results.at(-1)];
  const perJob =
    hundred === undefined || most === undefined
      ? 0
      : (most.milliseconds - hundred.milliseconds) / (most.jobs - hundred.jobs);
  return {
    title: 'slipway list',
    note:
      'Jobs with extends, needs, rules and matrix from 50 included files; the median of 9 runs, start of the process ' +
      `included. From 100 to 5,000 jobs each further job costs ${milliseconds(perJob)}. The peer is gitlab-ci-local ` +
      '4.75 on the same class of machine.',
    head: ['jobs', 'slipway', 'peak memory', 'peer', 'times faster', 'goal', 'µs a job over 5 jobs'],
    rows: results.map((row) => {
      const least = results[0]?.milliseconds ?? 0;
      return [
        String(row.jobs),
        milliseconds(row.milliseconds),
        megabytes(row.peakMegabytes),
        `${row.peerSeconds} s`,
        ratio((row.peerSeconds * 1000) / row.milliseconds),
        `${row.goal} ×`,
        row.jobs === 5 ? '' : String(Math.round(((row.milliseconds - least) * 1000) / (row.jobs - 5))),
      ];
    }),
  };
}

const SIZES = [
  { jobs: 5, peerSeconds: 0.8, goal: 5 },
  { jobs: 100, peerSeconds: 1.8, goal: 10 },
  { jobs: 1000, peerSeconds: 4.9, goal: 20 },
  { jobs: 5000, peerSeconds: 45, goal: 50 },
] as const;
