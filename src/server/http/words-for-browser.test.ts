import { expect, test } from 'vitest';
import { startTestedServer } from '../test-support/running-server.ts';
import { wordsForBrowser } from './words-for-browser.ts';

test.each([
  ['/', 'slipway pipeline list'],
  ['/team/app/-/pipelines/7', 'slipway pipeline view 7 --project team/app\n'],
  ['/a/b/c.d/-/jobs/12', 'slipway job log 12 --project a/b/c.d\n'],
])('%s names the command that shows it', (path, words) => {
  expect(wordsForBrowser(path)).toContain(words);
});

test.each(['/team/app', '/team/app/-/pipelines/x', '/team/$(x)/-/jobs/1', '/api/v4/nowhere', '//-/jobs/1'])(
  '%s is no address of anything',
  (path) => {
    expect(wordsForBrowser(path)).toBeNull();
  },
);

test('the address that a push names can be opened', async () => {
  const tested = await startTestedServer();
  const said = await tested.push({ '.gitlab-ci.yml': 'work: {script: [make]}\n' });
  const [address = ''] = /http\S+pipelines\/\d+/.exec(said) ?? [];
  const answer = await fetch(address);
  expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'text/plain; charset=utf-8']);
  expect(await answer.text()).toContain('slipway pipeline view 1 --project team/app');
  expect((await fetch(`${tested.server.url}/team/app/-/nothing`)).status).toBe(404);
});
