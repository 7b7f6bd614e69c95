import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type PipelineContext, readPipeline } from '../config/index.ts';
import { type ContextRequest, contextForRun } from './git-context.ts';
import { projectSources } from './project-sources.ts';
import { pushRequest } from './test-support/push-request.ts';
import { variablesForJob } from './variables.ts';

let repository: string;
/** No repository at all. */
let plainFolder: string;
let first: string;
let head: string;

/** One repository for all: `main` with one commit, `topic-Branch` with two more, and a tag of two paragraphs. */
beforeAll(() => {
  repository = mkdtempSync(join(tmpdir(), 'slipway-predefined-'));
  plainFolder = mkdtempSync(join(tmpdir(), 'slipway-plain-'));
  git('init', '--quiet', '--initial-branch=main');
  git('config', 'user.name', 'Ada Lovelace');
  git('config', 'user.email', 'ada.l@example.org');
  git('remote', 'add', 'origin', 'ssh://git@code.example.org:2222/Group/sub/My-App.git');
  writeFileSync(join(repository, '.gitlab-ci.yml'), PIPELINE);
  commit('First');
  first = git('rev-parse', 'HEAD');
  git('update-ref', 'refs/remotes/origin/main', 'HEAD');
  git('checkout', '--quiet', '-b', 'topic-Branch');
  commit('Draft: add a way\n\nThe long one.\n\nIn two parts.');
  commit('Mend it');
  git('tag', '-a', 'v1.0.0', '-m', 'The release\n\nWith notes.\n\n- and a list');
  git('tag', 'light');
  head = git('rev-parse', 'HEAD');
});

afterAll(() => {
  for (const folder of [repository, plainFolder]) rmSync(folder, { recursive: true, force: true });
});

const PIPELINE = `
workflow: {name: "Named for $CI_COMMIT_REF_NAME"}
deploy it:
  stage: deploy
  image: alpine
  tags: [big, fast]
  parallel: 2
  rules: [{when: manual}]
  environment: {name: review/$CI_COMMIT_REF_SLUG, url: "https://example.org"}
  script: 'true'
`;

describe('a push of a branch', () => {
  test.each<readonly [string, () => string | undefined]>([
    ['CI', () => 'true'],
    ['CI_API_GRAPHQL_URL', () => 'https://code.example.org/api/graphql'],
    ['CI_API_V4_URL', () => 'https://code.example.org/api/v4'],
    ['CI_BUILD_BEFORE_SHA', () => '0'.repeat(40)],
    ['CI_COMMIT_AUTHOR', () => 'Ada Lovelace <ada.l@example.org>'],
    ['CI_COMMIT_BEFORE_SHA', () => '0'.repeat(40)],
    ['CI_COMMIT_BRANCH', () => 'topic-Branch'],
    ['CI_COMMIT_DEFAULT_BRANCH_BASE_SHA', () => first],
    ['CI_COMMIT_DESCRIPTION', () => ''],
    ['CI_COMMIT_MESSAGE', () => 'Mend it\n'],
    ['CI_COMMIT_MESSAGE_IS_TRUNCATED', () => 'false'],
    ['CI_COMMIT_REF_NAME', () => 'topic-Branch'],
    ['CI_COMMIT_REF_PROTECTED', () => 'false'],
    ['CI_COMMIT_REF_SLUG', () => 'topic-branch'],
    ['CI_COMMIT_SHA', () => head],
    ['CI_COMMIT_SHORT_SHA', () => head.slice(0, 8)],
    ['CI_COMMIT_TIMESTAMP', () => '2024-05-01T12:00:00+02:00'],
    ['CI_COMMIT_TITLE', () => 'Mend it'],
    ['CI_CONCURRENT_ID', () => '3'],
    ['CI_CONCURRENT_PROJECT_ID', () => '3'],
    ['CI_CONFIG_PATH', () => '.gitlab-ci.yml'],
    ['CI_CONFIG_REF_URI', () => 'code.example.org/Group/sub/My-App//.gitlab-ci.yml@refs/heads/topic-Branch'],
    ['CI_DEFAULT_BRANCH', () => 'main'],
    ['CI_DEFAULT_BRANCH_SLUG', () => 'main'],
    ['CI_DEPENDENCY_PROXY_SERVER', () => 'code.example.org:443'],
    [
      'CI_DEPENDENCY_PROXY_GROUP_IMAGE_PREFIX',
      () => 'code.example.org:443/group/dependency_proxy/containers',
    ],
    [
      'CI_DEPENDENCY_PROXY_DIRECT_GROUP_IMAGE_PREFIX',
      () => 'code.example.org:443/group/sub/dependency_proxy/containers',
    ],
    ['CI_ENVIRONMENT_ACTION', () => 'start'],
    ['CI_ENVIRONMENT_NAME', () => 'review/topic-branch'],
    ['CI_ENVIRONMENT_SLUG', () => expect.stringMatching(/^review-topic-bran-[0-9a-z]{6}$/)],
    ['CI_ENVIRONMENT_TIER', () => 'development'],
    ['CI_ENVIRONMENT_URL', () => 'https://example.org'],
    ['CI_JOB_GROUP_NAME', () => 'deploy it'],
    ['CI_JOB_ID', () => '7'],
    ['CI_JOB_IMAGE', () => 'alpine'],
    ['CI_JOB_MANUAL', () => 'true'],
    ['CI_JOB_NAME', () => 'deploy it 1/2'],
    ['CI_JOB_NAME_SLUG', () => 'deploy-it-1-2'],
    ['CI_JOB_STAGE', () => 'deploy'],
    ['CI_JOB_STARTED_AT', () => '2024-05-02T10:00:30Z'],
    ['CI_JOB_STARTED_AT_SLUG', () => '2024-05-02t10-00-30z'],
    ['CI_JOB_TAGS', () => '["big","fast"]'],
    ['CI_JOB_TIMEOUT', () => '600'],
    ['CI_JOB_URL', () => 'https://code.example.org/Group/sub/My-App/-/jobs/7'],
    ['CI_NODE_INDEX', () => '1'],
    ['CI_NODE_TOTAL', () => '2'],
    ['CI_OPEN_MERGE_REQUESTS', () => undefined],
    ['CI_PAGES_DOMAIN', () => 'pages.code.example.org'],
    ['CI_PAGES_HOSTNAME', () => 'group.pages.code.example.org'],
    ['CI_PAGES_URL', () => 'https://group.pages.code.example.org/sub/My-App'],
    ['CI_PIPELINE_CREATED_AT', () => '2024-05-02T10:00:00Z'],
    ['CI_PIPELINE_ID', () => '1714644000'],
    ['CI_PIPELINE_IID', () => '3'],
    ['CI_PIPELINE_NAME', () => 'Named for topic-Branch'],
    ['CI_PIPELINE_SOURCE', () => 'push'],
    ['CI_PIPELINE_TRIGGERED', () => undefined],
    ['CI_PIPELINE_URL', () => 'https://code.example.org/Group/sub/My-App/-/pipelines/1714644000'],
    ['CI_PROJECT_NAME', () => 'My-App'],
    ['CI_PROJECT_NAMESPACE', () => 'Group/sub'],
    ['CI_PROJECT_NAMESPACE_SLUG', () => 'group-sub'],
    ['CI_PROJECT_PATH', () => 'Group/sub/My-App'],
    ['CI_PROJECT_PATH_SLUG', () => 'group-sub-my-app'],
    ['CI_PROJECT_ROOT_NAMESPACE', () => 'Group'],
    ['CI_PROJECT_ROOT_NAMESPACE_SLUG', () => 'group'],
    ['CI_PROJECT_TITLE', () => 'My-App'],
    ['CI_PROJECT_URL', () => 'https://code.example.org/Group/sub/My-App'],
    ['CI_REGISTRY_IMAGE', () => undefined],
    ['CI_REPOSITORY_URL', () => 'https://code.example.org/Group/sub/My-App.git'],
    ['CI_SERVER_FQDN', () => 'code.example.org'],
    ['CI_SERVER_HOST', () => 'code.example.org'],
    ['CI_SERVER_PORT', () => '443'],
    ['CI_SERVER_PROTOCOL', () => 'https'],
    ['CI_SERVER_SHELL_SSH_HOST', () => 'code.example.org'],
    ['CI_SERVER_SHELL_SSH_PORT', () => '2222'],
    ['CI_SERVER_URL', () => 'https://code.example.org'],
    ['GITLAB_USER_EMAIL', () => 'ada.l@example.org'],
    ['GITLAB_USER_LOGIN', () => 'ada.l'],
    ['GITLAB_USER_NAME', () => 'Ada Lovelace'],
  ])('%s', async (name, value) => {
    expect((await variables()).get(name)).toEqual(value());
  });
});

describe('other events change', () => {
  test.each<readonly [string, Partial<ContextRequest>, () => Readonly<Record<string, string | undefined>>]>([
    [
      'a push of the default branch',
      { ref: 'main' },
      () => ({ CI_COMMIT_REF_PROTECTED: 'true', CI_COMMIT_DEFAULT_BRANCH_BASE_SHA: undefined }),
    ],
    [
      'an annotated tag',
      { ref: 'v1.0.0', tag: true },
      () => ({
        CI_COMMIT_TAG: 'v1.0.0',
        CI_COMMIT_TAG_MESSAGE: 'The release\n\nWith notes.\n\n- and a list',
        CI_COMMIT_BRANCH: undefined,
        CI_COMMIT_REF_PROTECTED: 'false',
        CI_CONFIG_REF_URI: 'code.example.org/Group/sub/My-App//.gitlab-ci.yml@refs/tags/v1.0.0',
        CI_COMMIT_BEFORE_SHA: '0'.repeat(40),
      }),
    ],
    [
      'a tag without a message',
      { ref: 'light', tag: true },
      () => ({ CI_COMMIT_TAG: 'light', CI_COMMIT_TAG_MESSAGE: '' }),
    ],
    [
      'a merge request',
      { source: 'merge_request_event' },
      () => ({
        CI_COMMIT_BRANCH: undefined,
        CI_COMMIT_REF_NAME: 'topic-Branch',
        CI_COMMIT_BEFORE_SHA: '0'.repeat(40),
        CI_MERGE_REQUEST_ASSIGNEES: undefined,
        CI_MERGE_REQUEST_DESCRIPTION: 'The long one.\n\nIn two parts.',
        CI_MERGE_REQUEST_DESCRIPTION_IS_TRUNCATED: 'false',
        CI_MERGE_REQUEST_DIFF_BASE_SHA: first,
        CI_MERGE_REQUEST_DRAFT: 'true',
        CI_MERGE_REQUEST_EVENT_TYPE: 'detached',
        CI_MERGE_REQUEST_LABELS: undefined,
        CI_MERGE_REQUEST_MILESTONE: undefined,
        CI_MERGE_REQUEST_PROJECT_PATH: 'Group/sub/My-App',
        CI_MERGE_REQUEST_PROJECT_URL: 'https://code.example.org/Group/sub/My-App',
        CI_MERGE_REQUEST_REF_PATH: 'refs/merge-requests/1/head',
        CI_MERGE_REQUEST_SOURCE_BRANCH_NAME: 'topic-Branch',
        CI_MERGE_REQUEST_SOURCE_BRANCH_PROTECTED: 'false',
        CI_MERGE_REQUEST_SOURCE_BRANCH_SHA: '',
        CI_MERGE_REQUEST_SOURCE_PROJECT_PATH: 'Group/sub/My-App',
        CI_MERGE_REQUEST_SOURCE_PROJECT_URL: 'https://code.example.org/Group/sub/My-App',
        CI_MERGE_REQUEST_SQUASH_ON_MERGE: 'false',
        CI_MERGE_REQUEST_TARGET_BRANCH_NAME: 'main',
        CI_MERGE_REQUEST_TARGET_BRANCH_PROTECTED: 'true',
        CI_MERGE_REQUEST_TARGET_BRANCH_SHA: '',
        CI_MERGE_REQUEST_TITLE: 'Draft: add a way',
        CI_OPEN_MERGE_REQUESTS: 'Group/sub/My-App!1',
        CI_PIPELINE_SOURCE: 'merge_request_event',
      }),
    ],
    [
      'a pull request of another forge',
      { source: 'external_pull_request_event' },
      () => ({
        CI_COMMIT_BRANCH: 'topic-Branch',
        CI_EXTERNAL_PULL_REQUEST_SOURCE_BRANCH_NAME: 'topic-Branch',
        CI_EXTERNAL_PULL_REQUEST_SOURCE_BRANCH_SHA: head,
        CI_EXTERNAL_PULL_REQUEST_SOURCE_REPOSITORY: 'Group/sub/My-App',
        CI_EXTERNAL_PULL_REQUEST_TARGET_BRANCH_NAME: 'main',
        CI_EXTERNAL_PULL_REQUEST_TARGET_BRANCH_SHA: first,
        CI_EXTERNAL_PULL_REQUEST_TARGET_REPOSITORY: 'Group/sub/My-App',
        CI_MERGE_REQUEST_IID: undefined,
      }),
    ],
    [
      'a schedule',
      { source: 'schedule', ref: 'main' },
      () => ({ CI_PIPELINE_SOURCE: 'schedule', CI_COMMIT_BEFORE_SHA: '0'.repeat(40) }),
    ],
    ['a trigger', { source: 'trigger' }, () => ({ CI_PIPELINE_TRIGGERED: 'true' })],
  ])('%s', async (_, request, expected) => {
    const found = await variables(request);
    expect(Object.fromEntries(Object.keys(expected()).map((name) => [name, found.get(name)]))).toEqual(
      expected(),
    );
  });

  test('what a trigger job started knows that job', async () => {
    const upstream = { projectId: 1, pipelineId: 5, jobId: 9 };
    const found = await variables({}, (context) => ({ ...context, source: 'parent_pipeline', upstream }));
    expect(found.get('CI_UPSTREAM_PIPELINE_ID')).toBe('5');
    expect(found.get('CI_UPSTREAM_JOB_ID')).toBe('9');
  });
});

describe('docs/reference/predefined-variables.md', () => {
  const page = readFileSync(
    join(import.meta.dirname, '../../docs/reference/predefined-variables.md'),
    'utf8',
  );
  const sections = new Map(page.split(/^## /m).map((text) => [text.split('\n', 1)[0] ?? '', namesIn(text)]));
  const named = (...titles: readonly string[]) => titles.flatMap((title) => sections.get(title) ?? []);
  const set = named('Set for every pipeline', 'Set for some pipelines', 'Set for a job');

  test('names every variable that is set, and no other', async () => {
    const upstream = { projectId: 1, pipelineId: 5, jobId: 9 };
    const server = { url: 'https://gitlab.com', sshPort: 22 };
    const found = await Promise.all([
      variables({}, (context) => ({ ...context, upstream, server })),
      variables({ ref: 'v1.0.0', tag: true }),
      variables({ source: 'merge_request_event' }),
      variables({ source: 'external_pull_request_event' }),
      variables({ source: 'trigger' }),
    ]);
    const names = new Set(found.flatMap((each) => [...each.keys()]));
    expect([...names].sort()).toEqual([...set].sort());
  });

  test('names the variables of every pipeline apart', async () => {
    const found = await variables({ repository: plainFolder });
    expect(named('Set for every pipeline').filter((name) => !found.has(name))).toEqual([]);
  });

  test('tells of each variable once', () => {
    const all = [...set, ...named('Set by the runner', 'Not set')];
    expect(all.filter((name, at) => all.indexOf(name) !== at)).toEqual([]);
    expect(named('Not set').length).toBeGreaterThan(30);
  });
});

/** The names in the first column of a section's table. */
function namesIn(section: string): readonly string[] {
  const rows = section.split('\n').filter((line) => line.startsWith('| `'));
  return rows.flatMap((row) =>
    [...(row.split('|')[1] ?? '').matchAll(/`(\w+)`/g)].map((match) => match[1] ?? ''),
  );
}

/** All variables of the job, by name, as a job of the pipeline for this event gets them. */
async function variables(
  part: Partial<ContextRequest> = {},
  changed: (context: PipelineContext) => PipelineContext = (context) => context,
): Promise<ReadonlyMap<string, string>> {
  const context = changed(
    await contextForRun(pushRequest(repository, { now: new Date('2024-05-02T10:00:00Z'), ...part })),
  );
  const sources = projectSources(repository);
  const { plan } = await readPipeline({ sources, file: '.gitlab-ci.yml', context });
  const job = plan?.jobs[0];
  if (plan === null || job?.kind !== 'build') throw new Error('The pipeline file of the test is wrong');
  const found = variablesForJob({ plan, context }, job, {
    jobId: 7,
    slot: 3,
    startedAt: new Date('2024-05-02T10:00:30Z'),
    timeoutSeconds: 600,
    dotenv: [],
    played: {},
  });
  return new Map(found.map(({ key, value }) => [key, value]));
}

function commit(message: string): void {
  const date = '2024-05-01T12:00:00+02:00';
  execFileSync('git', ['-C', repository, 'add', '--all']);
  execFileSync('git', ['-C', repository, 'commit', '--quiet', '--allow-empty', '-m', message], {
    env: { ...process.env, GIT_COMMITTER_DATE: date, GIT_AUTHOR_DATE: date },
  });
}

function git(...args: string[]): string {
  return execFileSync('git', ['-C', repository, ...args], { encoding: 'utf8' }).trim();
}
