import { withRepository } from './generate.ts';
import { median, slipway } from './measure.ts';
import { megabytes, milliseconds, type Section } from './table.ts';

/** Files that one job makes and the next one gets. The baseline makes the same files and keeps them. */
export async function benchArtifacts(): Promise<Section> {
  const rows: string[][] = [];
  for (const { name, make, check } of CASES) {
    const kept = await measure(`make: { script: ['${make}'] }\n`);
    const passed = await measure(
      `make: { stage: build, script: ['${make}'], artifacts: { paths: [out/] } }\n` +
        `use: { stage: test, script: ['${check}'] }\n`,
    );
    rows.push([
      name,
      milliseconds(kept.milliseconds),
      milliseconds(passed.milliseconds),
      milliseconds(passed.milliseconds - kept.milliseconds),
      megabytes(passed.peakMegabytes),
    ]);
  }
  return {
    title: 'artifacts from one job to the next',
    note: 'Shell jobs; the cost is that of keeping, passing on and unpacking, and of the second job.',
    head: ['artifacts', 'made only', 'made and passed on', 'cost', 'peak memory'],
    rows,
  };
}

function measure(text: string) {
  return withRepository({ '.gitlab-ci.yml': text }, (folder) =>
    median(3, () => slipway(folder, ['run', '--executor', 'shell', '--plain'])),
  );
}

const CASES = [
  {
    name: '1,000 files of 1 kB',
    make: 'mkdir out; for i in $(seq 1000); do head -c 1000 /dev/zero > out/$i; done',
    check: 'test $(ls out | wc -l) = 1000',
  },
  {
    name: 'one file of 500 MB that does not compress',
    make: 'mkdir out; head -c 500000000 /dev/urandom > out/big',
    check: 'test $(stat -c %s out/big) = 500000000',
  },
] as const;
