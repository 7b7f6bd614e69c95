import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Aws, startAws } from '../world/aws.ts';
import { awsSettings, file } from '../world/ci-settings.ts';
import type { Edit } from '../world/example-repository.ts';
import { type ReleaseHost, startReleaseHost } from '../world/release-host.ts';
import { runSite, type SiteRun } from './site-run.ts';

/**
 * The build file as people have published it, character for character. It fetches Hugo from where it is released, for
 * which a host of this machine stands in; Debian's Hugo is what it finds there.
 */
const FILE = 'published.buildspec.yml';

// The file breaks the address after a backslash. YAML makes a blank of the line's end, so the shell sees an escaped
// blank: part of the address, and not its end.
const ASKED = '/gohugoio/hugo/releases/%20download/v0.42/hugo_0.42_Linux-64bit.tar.gz';

let aws: Aws;
let releases: ReleaseHost;

beforeAll(async () => {
  const files = { hugo: '/usr/bin/hugo', LICENSE: '/usr/share/common-licenses/Apache-2.0' };
  [aws, releases] = await Promise.all([startAws(), startReleaseHost({ path: ASKED, files })]);
});

afterAll(async () => {
  await releases?.[Symbol.asyncDispose]();
  await aws?.[Symbol.asyncDispose]();
});

function run(edits: readonly Edit[]): Promise<SiteRun> {
  const settings = { ...awsSettings(aws), WGETRC: file(releases.wgetrc) };
  return runSite(settings, { edits, arguments: ['--file', FILE] });
}

const BUILT = { INSTALL: 'SUCCEEDED', BUILD: 'SUCCEEDED' };

test('unchanged it installs Hugo and builds; its placeholders are redirections to a shell, so nothing is published', async () => {
  const text = await readFile(join(import.meta.dirname, '../../examples/site', FILE));
  expect(createHash('sha256').update(text).digest('hex')).toBe(
    'c2e0df755b08d9564d3c0ecc8239f392c0006b16b64da6d13a6f8e9dbf686069',
  );

  const { report, log, phases } = await run([]);
  expect(releases.requests).toContain(ASKED);
  expect(phases, log).toMatchObject({ ...BUILT, POST_BUILD: 'FAILED' });
  expect(log).toMatch(/^ *Pages +\| +8/m);
  expect(log).toMatch(/yourwebsite: No such file|cannot open yourwebsite/);
  expect(log).not.toContain('Build completed on');
  expect(report).toMatchObject({ status: 'failed', exitCode: 1 });
});

test('with its placeholders filled in it publishes, and fails at the command that it breaks after backslashes', async () => {
  const distribution = await aws.createSite('filled-in.com');
  await aws.put('filled-in.com', 'stale.html', 'stale');
  const { report, log, phases } = await run(filledIn('filled-in', distribution));
  expect(phases, log).toMatchObject({ ...BUILT, POST_BUILD: 'FAILED' });
  expect(log).toContain('Unknown options: s3://filled-in.com/ s3://filled-in.com/');
  expect(report).toMatchObject({ status: 'failed', exitCode: 1 });
  const objects = await aws.objects('filled-in.com');
  expect(objects).toHaveProperty(['index.html']);
  expect(objects).not.toHaveProperty(['stale.html']);
  expect(await aws.invalidations(distribution)).toEqual([]);
});

test('without those backslashes it runs to its end', async () => {
  const distribution = await aws.createSite('mended.com');
  const { report, log, phases } = await run([...filledIn('mended', distribution), ...MENDED]);
  expect(phases, log).toMatchObject({ ...BUILT, POST_BUILD: 'SUCCEEDED' });
  expect(log).toMatch(/^Build completed on \w+ .*\d\d:\d\d:\d\d/m);
  expect(report).toMatchObject({ status: 'success', exitCode: 0 });
  const objects = Object.values(await aws.objects('mended.com'));
  expect(new Set(objects.map(({ cacheControl }) => cacheControl))).toEqual(new Set(['max-age=604800']));
  expect(await aws.invalidations(distribution)).toEqual([['/*']]);
});

function filledIn(site: string, distribution: string): readonly Edit[] {
  const edits = [
    ['sync public/ s3://<yourwebsite>', `sync public/ s3://${site}`],
    ['cp s3://<yourwebsite>', `cp s3://${site}`],
    ['      s3://<yourwebsite>', `      s3://${site}`],
    ['<YOURID>', distribution],
  ] as const;
  return edits.map(([from, to]) => ({ file: FILE, from, to }));
}

const MENDED: readonly Edit[] = [
  { file: FILE, from: '.com/\\\n      s3', to: '.com/\n        s3' },
  { file: FILE, from: 'REPLACE \\\n', to: 'REPLACE\n' },
];
