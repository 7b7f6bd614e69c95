import { readFile } from 'node:fs/promises';
import { describe, expect, it, test } from 'vitest';
import { readText } from '../test-support/read-text.ts';
import { bridgeRecord, buildRecord } from './job-keys.ts';

const reference = await readFile(new URL('../../../../docs/reference/local-run.md', import.meta.url), 'utf8');
const documented = new Map(
  [...reference.matchAll(/^\| `([a-z_:]+)` \| (honoured|meaningless|not acted on) \|/gm)].map(
    ([, keyword = '', treatment = '']) => [keyword, treatment],
  ),
);

/** A use of each keyword that is not acted on, as a key of a job. */
const USES: Readonly<Record<string, string>> = {
  dast_configuration: 'dast_configuration: {site_profile: x}',
  'environment:auto_stop_in': 'environment: {name: x, auto_stop_in: 1 day}',
  'environment:kubernetes': 'environment: {name: x, kubernetes: {agent: y}}',
  'environment:on_stop': 'environment: {name: x, on_stop: b}',
  id_tokens: 'id_tokens: {T: {aud: x}}',
  identity: 'identity: google_cloud',
  'image:kubernetes': 'image: {name: x, kubernetes: {user: 1}}',
  inputs: 'inputs: {x: {default: y}}',
  pages: 'pages: true',
  publish: 'publish: public',
  release: 'release: {tag_name: x}',
  secrets: 'secrets: {S: {vault: x}}',
  'services:kubernetes': 'services: [{name: x, kubernetes: {user: 1}}]',
  'services:ports': 'services: [{name: x, ports: [80]}]',
};

describe('what a local run does with a keyword of a job', () => {
  it('is in the reference for each one there is', () => {
    const known = [buildRecord, bridgeRecord].flatMap(({ shape }) =>
      shape.type === 'record' ? Object.keys(shape.fields) : [],
    );
    const own = [...documented.keys()].filter((keyword) => !keyword.includes(':'));
    expect(own).toEqual([...new Set(known)].sort());
  });

  test('each that is not acted on is tried below', () => {
    const silent = [...documented].filter(([, treatment]) => treatment === 'not acted on');
    expect(silent.map(([keyword]) => keyword)).toEqual(Object.keys(USES));
  });

  test.each(Object.entries(USES))('%s is warned about', async (_, use) => {
    const stop = 'b: {script: x, when: manual, environment: {name: x, action: stop}}';
    const { problems } = await readText(`a: {script: x, ${use}}\n${stop}`);
    expect(problems).toEqual([expect.stringMatching(/warning .* has no effect in a local run$/)]);
  });

  it('is warned about once where all jobs have it', async () => {
    const jobs = ['a', 'b', 'c'].map(
      (name) => `${name}: {script: x, environment: {name: ${name}, auto_stop_in: 1 day}}`,
    );
    expect((await readText(jobs.join('\n'))).problems).toHaveLength(1);
  });
});
