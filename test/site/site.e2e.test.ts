import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Aws, startAws } from '../world/aws.ts';
import { siteSettings } from '../world/ci-settings.ts';
import { logsOf } from '../world/slipway-run.ts';
import { runSite } from './site-run.ts';

let aws: Aws;

beforeAll(async () => {
  aws = await startAws();
});

afterAll(() => aws?.[Symbol.asyncDispose]());

const PAGES = [
  '404.html',
  'about/index.html',
  'index.html',
  'notices/index.html',
  'notices/weed-on-the-ramp/index.html',
  'notices/winch-repaired/index.html',
];
const FEEDS = ['index.xml', 'notices/index.xml', 'sitemap.xml'];

test('the site is built and published, and nothing else is left in the bucket', async () => {
  const distribution = await aws.createSite('site.example.com');
  await aws.put('site.example.com', 'notices/over/index.html', 'an old notice');

  const { report, log, phases } = await runSite(siteSettings(aws, 'site.example.com', distribution));
  expect(report, logsOf(report, {})).toMatchObject({ status: 'success', exitCode: 0 });
  expect(phases).toMatchObject({ INSTALL: 'SUCCEEDED', BUILD: 'SUCCEEDED', POST_BUILD: 'SUCCEEDED' });
  expect(log).toMatch(/^Build completed on \w+ .*\d\d:\d\d:\d\d/m);

  const objects = await aws.objects('site.example.com');
  expect(Object.keys(objects).sort()).toEqual([...PAGES, ...FEEDS, 'css/site.css'].sort());
  for (const page of PAGES) {
    expect(objects[page], page).toMatchObject({
      type: 'text/html; charset=utf-8',
      cacheControl: 'max-age=300',
    });
  }
  expect(objects['css/site.css']).toMatchObject({ type: 'text/css', cacheControl: 'max-age=604800' });
  expect(objects['notices/winch-repaired/index.html']?.text).toContain('The new cable holds 1,200 kg.');
  expect(await aws.invalidations(distribution)).toEqual([['/*']]);
});

test('the same is published by what `slipway convert` makes of the build file', async () => {
  const distribution = await aws.createSite('converted.example.com');
  await aws.put('converted.example.com', 'notices/over/index.html', 'an old notice');
  const settings = siteSettings(aws, 'converted.example.com', distribution);
  const { report, phases } = await runSite(settings, { converted: true });
  expect(report, logsOf(report, {})).toMatchObject({ status: 'success', exitCode: 0 });
  expect(phases).toMatchObject({ INSTALL: 'SUCCEEDED', BUILD: 'SUCCEEDED', POST_BUILD: 'SUCCEEDED' });
  const objects = await aws.objects('converted.example.com');
  expect(Object.keys(objects).sort()).toEqual([...PAGES, ...FEEDS, 'css/site.css'].sort());
  expect(objects['index.html']).toMatchObject({ cacheControl: 'max-age=300' });
  expect(await aws.invalidations(distribution)).toEqual([['/*']]);
});

test('a build that fails leaves the published site as it is, although post_build runs', async () => {
  const distribution = await aws.createSite('whole.example.com');
  await aws.put('whole.example.com', 'index.html', 'the site before');

  const edit = { file: 'layouts/index.html', from: '{{ .Content }}', to: '{{ .NoSuchThing }}' };
  const { report, log, phases } = await runSite(siteSettings(aws, 'whole.example.com', distribution), {
    edits: [edit],
  });
  expect(report, log).toMatchObject({ status: 'failed', exitCode: 1 });
  expect(phases).toMatchObject({ INSTALL: 'SUCCEEDED', BUILD: 'FAILED', POST_BUILD: 'FAILED' });
  expect(log).toContain('NoSuchThing');
  expect(log).toMatch(/^The build succeeded - 0$/m);

  const objects = await aws.objects('whole.example.com');
  expect(objects).toMatchObject({ 'index.html': { text: 'the site before' } });
  expect(Object.keys(objects)).toHaveLength(1);
  expect(await aws.invalidations(distribution)).toEqual([]);
});
