import { describe, expect, it } from 'vitest';
import { readOfferedJob } from './offered-job.ts';
import { withRemoteVariables } from './remote-variables.ts';

/** As GitLab writes a job with little in it. */
const JOB = {
  id: 42,
  token: 'glcbt-64_abcdefghijklmnop',
  allow_git_fetch: true,
  job_info: {
    id: 42,
    name: 'build',
    stage: 'build',
    project_id: 7,
    project_name: 'app',
    time_in_queue_seconds: 0.5,
  },
  git_info: {
    repo_url: 'https://gitlab-ci-token:glcbt-64_abcdefghijklmnop@ci.example.com/group/app.git',
    ref: 'main',
    sha: 'a'.repeat(40),
    before_sha: '0'.repeat(40),
    ref_type: 'branch',
    refspecs: ['+refs/heads/main:refs/remotes/origin/main'],
    depth: 20,
  },
  runner_info: { timeout: 3600, runner_session_url: null },
  variables: [
    { key: 'CI_PROJECT_PATH', value: 'group/app', public: true, masked: false },
    { key: 'CI_JOB_TOKEN', value: 'glcbt-64_abcdefghijklmnop', public: false, masked: false },
  ],
  steps: [{ name: 'script', script: ['true'], timeout: 3600, when: 'on_success', allow_failure: false }],
  image: { name: 'alpine', entrypoint: null, ports: [], executor_opts: {}, pull_policy: null },
  services: null,
  artifacts: [
    {
      name: null,
      untracked: null,
      paths: ['out'],
      exclude: null,
      when: null,
      artifact_type: 'archive',
      artifact_format: 'zip',
      expire_in: null,
    },
  ],
  cache: null,
  credentials: null,
  dependencies: null,
  features: {
    trace_sections: true,
    token_mask_prefixes: [],
    failure_reasons: ['script_failure'],
    tracing: null,
  },
  secrets: null,
  inputs: [],
};

async function readable(job: unknown) {
  const offered = await readOfferedJob(job);
  if (offered.kind !== 'readable') throw new Error(JSON.stringify(offered));
  return offered;
}

const PLACE = { number: 3, numberInProject: 1 };

async function withFacts(job: unknown) {
  const { spec, access } = await readable(job);
  return withRemoteVariables(
    spec,
    access,
    {
      version: '1.2.3',
      machine: 'builder',
      systemId: 'r_0123456789ab',
      token: 'glrt-0123456789',
      certificates: 'PEM',
    },
    PLACE,
  );
}

describe('a job that a server offers', () => {
  it('is read with nulls and without what is false, as GitLab writes it', async () => {
    const { spec, projectId, failureReasons } = await readable(JOB);
    expect(spec).toMatchObject({
      id: 42,
      projectPath: 'group/app',
      image: { name: 'alpine' },
      services: [],
      caches: [],
    });
    expect(spec.artifacts).toMatchObject([
      { type: 'archive', paths: ['out'], when: 'on_success', expireIn: null },
    ]);
    expect([projectId, failureReasons]).toEqual([7, ['script_failure']]);
  });

  it('never shows its token, whatever the server says of the variable', async () => {
    const { variables } = await withFacts(JOB);
    expect(variables.find(({ key }) => key === 'CI_JOB_TOKEN')?.masked).toBe(true);
  });

  it('lets git in its scripts reach the project, without a token in the working copy', async () => {
    const { variables } = await withFacts(JOB);
    const values = new Map(variables.map(({ key, value }) => [key, value]));
    expect(values.get('GIT_CONFIG_COUNT')).toBe('2');
    expect(values.get('GIT_CONFIG_KEY_1')).toBe('credential.https://ci.example.com.helper');
    expect(values.get('GIT_CONFIG_VALUE_1')).toContain('$CI_JOB_TOKEN');
    const own = {
      ...JOB,
      variables: [...JOB.variables, { key: 'GIT_CONFIG_COUNT', value: '0', public: true }],
    };
    const { variables: left } = await withFacts(own);
    expect(left.filter(({ key }) => key.startsWith('GIT_CONFIG'))).toHaveLength(1);
  });

  it('knows its runner, and no more of its token than identifies it', async () => {
    const { variables } = await withFacts(JOB);
    const values = new Map(variables.map((variable) => [variable.key, variable]));
    expect(values.get('CI_RUNNER_SHORT_TOKEN')?.value).toBe('01234567');
    expect(values.get('CI_CONCURRENT_ID')?.value).toBe('3');
    expect(values.get('CI_CONCURRENT_PROJECT_ID')?.value).toBe('1');
    expect(values.get('CI_RUNNER_VERSION')?.value).toBe('1.2.3');
    expect(values.get('CI_SERVER_TLS_CA_FILE')).toMatchObject({ value: 'PEM', file: true });
  });

  it.each([
    [
      'a step that is not known',
      { steps: [{ ...JOB.steps[0], name: 'release' }] },
      /"release" is not supported/,
    ],
    ['no commit', { git_info: { ...JOB.git_info, sha: 7 } }, /git_info\/sha/],
    ['a variable that is none', { variables: [null] }, /variables/],
    ['no steps that are a list', { steps: 'true' }, /steps/],
    ['an unknown pull policy', { image: { name: 'a', pull_policy: ['sometimes'] } }, /"sometimes"/],
  ])('with %s is refused in words', async (_what, more, said) => {
    const offered = await readOfferedJob({ ...JOB, ...more });
    expect(offered).toMatchObject({ kind: 'unusable', id: 42, problem: expect.stringMatching(said) });
  });

  it.each([null, 'job', [], {}, { id: 'x', token: 't' }, { id: 1 }, { id: -1, token: 't' }])(
    'is none when it is %j',
    async (value) => {
      expect((await readOfferedJob(value)).kind).toBe('unreadable');
    },
  );

  it('may be as deep as it likes', async () => {
    const deep = JSON.parse(`${'{"a":'.repeat(5_000)}1${'}'.repeat(5_000)}`);
    expect((await readOfferedJob({ ...JOB, deep })).kind).toBe('readable');
  });
});

describe('a step of a build', () => {
  const offered = (slipway: object) => readOfferedJob({ ...JOB, slipway });
  const place = 3;

  it.each([
    { written: { program: 'ls', arguments: ['-l'] }, read: { program: 'ls', arguments: ['-l'] } },
    { written: { program: './tool' }, read: { program: './tool', arguments: null } },
    { written: { arguments: [] }, read: { program: null, arguments: [] } },
    { written: {}, read: { program: null, arguments: null } },
  ])('runs $read', async ({ written, read }) => {
    expect(await offered({ command: written })).toMatchObject({ kind: 'readable', spec: { command: read } });
  });

  it('is told where its files are', async () => {
    const shared = { volumes: [{ name: 'home', path: '/builder/home' }] };
    expect(await offered({ ...shared, place })).toMatchObject({ spec: shared, access: { place } });
    expect(await offered(shared)).toMatchObject({
      kind: 'unusable',
      problem: expect.stringContaining('does not say where'),
    });
  });
});
