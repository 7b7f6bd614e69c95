import { describe, expect, test } from 'vitest';
import { buildOf, jobOf, readText } from '../test-support/read-text.ts';

/** The problems of a job `a: {script: x, KEYWORD}` as `OFFSET:REST`: the offset into KEYWORD, the message after `jobs:a`. */
async function problemsOf(keyword: string): Promise<readonly string[]> {
  const { problems } = await readText(`a: {script: x, ${keyword}}`);
  return problems.map((problem) =>
    problem.replace(/^1:(\d+) jobs:a[: ]/, (_, column) => `${Number(column) - 16}:`),
  );
}

describe('image and services', () => {
  test.each([
    ['image: ruby', { name: 'ruby', entrypoint: null, pullPolicy: [], platform: null, user: null }],
    [
      'image: {name: ruby, entrypoint: [""], pull_policy: if-not-present, docker: {platform: linux/arm64, user: dave}}',
      {
        name: 'ruby',
        entrypoint: [''],
        pullPolicy: ['if-not-present'],
        platform: 'linux/arm64',
        user: 'dave',
      },
    ],
    ['image: {name: r, pull_policy: [always, never]}', { pullPolicy: ['always', 'never'] }],
  ])('%s', async (keyword, image) => {
    expect((await buildOf(`a: {script: x, ${keyword}}`)).image).toMatchObject(image);
  });

  test('services', async () => {
    const build = await buildOf(
      'a: {script: x, services: [postgres:15, {name: redis, alias: "cache, c2", command: [--save, ""], variables: {X: 1}}]}',
    );
    expect(build.services).toMatchObject([
      { name: 'postgres:15', aliases: [], command: null, variables: {} },
      { name: 'redis', aliases: ['cache', 'c2'], command: ['--save', ''], variables: { X: { value: '1' } } },
    ]);
  });

  test.each([
    ['image: [x]', '7:image config should be a hash or a string'],
    ['image: 1', '7:image config should be a hash or a string'],
    ['image: {entrypoint: [x]}', "7:image name can't be blank"],
    ['image: {name: x, entrypoint: sh}', '29:image entrypoint should be an array of strings'],
    ['image: {name: x, pull_policy: sometimes}', '30:image:pull_policy config is not included in the list'],
    ['image: {name: x, nam: y}', '17:image config contains unknown keys: nam'],
    [
      'image: {name: x, docker: {platfrom: y}}',
      '26:image executor opts object property at `/docker/platfrom` is a disallowed additional property',
    ],
    ['services: redis', '10:services config should be an array'],
    ['services: [[1]]', '12:services:service config should be a hash or a string'],
    ['services: [{name: x, comand: y}]', '21:services:service config contains unknown keys: comand'],
  ])('%s', async (keyword, problem) => {
    expect(await problemsOf(keyword)).toEqual([problem]);
  });

  test('two services of one name are warned about', async () => {
    expect((await readText('a: {script: x, services: [redis, redis]}')).problems).toEqual([
      '1:26 warning jobs:a:services has redis twice, and both are reached by the same name',
    ]);
  });
});

describe('cache', () => {
  const defaults = {
    key: { kind: 'text', text: 'default' },
    paths: [],
    untracked: false,
    unprotect: false,
    policy: 'pull-push',
    when: 'on_success',
    fallbackKeys: [],
  };

  test.each([
    ['{paths: [x]}', [{ ...defaults, paths: ['x'] }]],
    [
      '[{key: k, paths: [x], policy: pull}, {key: {files: [a, b], prefix: p}, untracked: true, when: always, fallback_keys: [f]}]',
      [
        { ...defaults, key: { kind: 'text', text: 'k' }, paths: ['x'], policy: 'pull' },
        {
          ...defaults,
          key: { kind: 'files', files: ['a', 'b'], prefix: 'p' },
          untracked: true,
          when: 'always',
          fallbackKeys: ['f'],
        },
      ],
    ],
    [
      '{key: {files_commits: [a]}, policy: $P, unprotect: true}',
      [
        {
          ...defaults,
          key: { kind: 'files-commits', files: ['a'], prefix: null },
          policy: '$P',
          unprotect: true,
        },
      ],
    ],
    ['[]', []],
  ])('%s', async (cache, expected) => {
    expect((await buildOf(`a: {script: x, cache: ${cache}}`)).caches).toEqual(expected);
  });

  test.each([
    ['cache: x', '7:caches config can only be a Hash or an Array'],
    ['cache: {path: [x]}', '8:cache config contains unknown keys: path'],
    ['cache: {paths: x}', '15:cache:paths config should be an array of strings'],
    ['cache: {key: a/b}', '13:cache:key config cannot contain the "/" character'],
    ['cache: {key: .}', '13:cache:key config cannot be "." or ".."'],
    ['cache: {key: [x]}', '13:cache:key should be a hash, a string or a symbol'],
    [
      'cache: {key: {prefix: x}}',
      '13:cache:key config must use exactly one of these keys: files, files_commits',
    ],
    ['cache: {key: {files: []}}', '21:cache:key:files config requires at least 1 item'],
    [
      'cache: {key: {files: [x], files_commits: [x]}}',
      '26:cache:key config must use exactly one of these keys: files, files_commits',
    ],
    ['cache: {policy: fetch}', '16:cache policy should be a variable or one of: pull-push, push, pull'],
    ['cache: {when: never}', '14:cache when should be one of: on_success, on_failure, always'],
    ['cache: {untracked: 1}', '19:cache:untracked config should be a boolean value'],
    ['cache: [{}, {}, {}, {}, {}]', '24:caches config no more than 4 caches can be created'],
    ['cache: {fallback_keys: [a, b, c, d, e, f]}', '23:cache fallback keys has to many entries (maximum 5)'],
    ['cache: {key: a%2Fb}', '13:cache:key config cannot contain the "/" character'],
  ])('%s', async (keyword, problem) => {
    expect(await problemsOf(keyword)).toEqual([problem]);
  });
});

describe('artifacts', () => {
  test('reports are paths by type, a coverage report by its format', async () => {
    const { artifacts } = await buildOf(
      'a: {script: x, artifacts: {name: n, paths: [p], exclude: [e], untracked: true, when: always, expire_in: 2 days, expose_as: the report, reports: {junit: r.xml, dotenv: [a, b], coverage_report: {coverage_format: cobertura, path: c.xml}}}}',
    );
    expect(artifacts).toEqual({
      name: 'n',
      paths: ['p'],
      exclude: ['e'],
      untracked: true,
      when: 'always',
      expireIn: '2 days',
      exposeAs: 'the report',
      access: 'all',
      reports: { junit: ['r.xml'], dotenv: ['a', 'b'], cobertura: ['c.xml'] },
    });
  });

  test.each([
    ['access: none', 'none'],
    ['public: false', 'developer'],
    ['public: true', 'all'],
  ])('%s', async (key, access) => {
    expect((await buildOf(`a: {script: x, artifacts: {paths: [p], ${key}}}`)).artifacts?.access).toBe(access);
  });

  test.each([
    ['artifacts: [x]', '11:artifacts config should be a hash'],
    ['artifacts: {path: [x]}', '12:artifacts config contains unknown keys: path'],
    ['artifacts: {paths: x}', '19:artifacts paths should be an array of strings'],
    ['artifacts: {when: never}', '18:artifacts when should be one of: on_success, on_failure, always'],
    ['artifacts: {expire_in: later}', '23:artifacts expire in should be a duration'],
    [
      'artifacts: {paths: [x], public: true, access: all}',
      '38:artifacts config these keys cannot be used together: public, access',
    ],
    [
      'artifacts: {access: everyone}',
      '20:artifacts access should be one of: none, developer, maintainer, all',
    ],
    ['artifacts: {expose_as: x}', "23:artifacts paths can't be blank"],
    [
      'artifacts: {expose_as: x, paths: ["a/*"]}',
      "33:artifacts paths can't contain '*' when used with 'expose_as'",
    ],
    [
      'artifacts: {expose_as: "a/b", paths: [a]}',
      "23:artifacts expose as can contain only letters, digits, '-', '_' and spaces",
    ],
    ['artifacts: {reports: x}', '21:artifacts reports should be a hash'],
    ['artifacts: {reports: {junt: x}}', '22:artifacts:reports config contains unknown keys: junt'],
    [
      'artifacts: {reports: {junit: {}}}',
      '29:artifacts:reports junit should be an array of strings or a string',
    ],
    [
      'artifacts: {reports: {coverage_report: {path: x}}}',
      "39:artifacts:reports:coverage_report coverage format can't be blank",
    ],
  ])('%s', async (keyword, problem) => {
    expect(await problemsOf(keyword)).toEqual([problem]);
  });
});

describe('environment', () => {
  test('by name, or in particular', async () => {
    expect((await jobOf('a: {script: x, environment: prod}')).environment).toEqual({
      name: 'prod',
      url: null,
      action: 'start',
      onStop: null,
      autoStopIn: null,
      deploymentTier: null,
      kubernetes: null,
    });
    const { environment } = await jobOf(
      'a: {script: x, environment: {name: review/$CI_COMMIT_REF_SLUG, url: "https://$X", on_stop: s, auto_stop_in: 1 week, deployment_tier: development, action: prepare, kubernetes: {namespace: n}}}',
    );
    expect(environment).toMatchObject({
      name: 'review/$CI_COMMIT_REF_SLUG',
      action: 'prepare',
      autoStopIn: '1 week',
      deploymentTier: 'development',
      kubernetes: { namespace: 'n' },
    });
  });

  test.each([
    ['environment: [x]', '13:environment config should be a hash or a string'],
    ['environment: {url: x}', "13:environment name can't be blank"],
    [
      'environment: /x',
      "13:environment name can contain only letters, digits, '-', '_', '/', '$', '{', '}', '.', and spaces, but it cannot start or end with '/'",
    ],
    [
      'environment: {name: x, action: begin}',
      '31:environment action should be start, stop, prepare, verify, or access',
    ],
    [
      'environment: {name: x, deployment_tier: prod}',
      '40:environment deployment tier must be one of production, staging, testing, development, other',
    ],
    ['environment: {name: x, auto_stop_in: 1}', '37:environment auto stop in should be a string'],
    ['environment: {name: x, on_stpo: y}', '23:environment config contains unknown keys: on_stpo'],
  ])('%s', async (keyword, problem) => {
    expect(await problemsOf(keyword)).toEqual([problem]);
  });
});

describe('rules', () => {
  test('each rule in its typed form, nested lists flattened', async () => {
    const { rules } = await jobOf(
      `a:
  script: x
  rules:
    - [{if: $A}, [{when: never}]]
    - {changes: [a], exists: b, when: delayed, start_in: 1 hour, allow_failure: true}
    - {changes: {paths: [a], compare_to: main}, exists: {paths: [b], project: g/p, ref: r}}
    - {variables: {V: 1}, needs: [n], interruptible: true, allow_failure: true}`,
    );
    expect(rules).toMatchObject([
      { if: '$A', changes: null, exists: null, when: null },
      { if: null, when: 'never' },
      {
        changes: { paths: ['a'], compareTo: null },
        exists: { paths: ['b'], project: null, ref: null },
        when: 'delayed',
        startInSeconds: 3600,
        allowFailure: true,
      },
      {
        changes: { paths: ['a'], compareTo: 'main' },
        exists: { paths: ['b'], project: 'g/p', ref: 'r' },
      },
      {
        variables: new Map([['V', { value: '1', expand: true }]]),
        needs: [{ kind: 'job', job: 'n' }],
        interruptible: true,
        allowFailure: true,
      },
    ]);
  });

  test('rules: null is as if there were none', async () => {
    expect((await jobOf('a: {script: x, rules: null}')).rules).toBeNull();
  });

  test.each([
    ['rules: []', "7:rules config can't be blank"],
    ['rules: x', '7:rules config should be an array'],
    ['rules: [x]', '8:rules:rule config should be a hash'],
    ['rules: [{unless: x}]', '9:rules:rule config contains unknown keys: unless'],
    ['rules: [{if: "$A = 1"}]', '17:rules:rule if invalid expression syntax'],
    ['rules: [{if: yes}]', '13:rules:rule if invalid expression syntax'],
    ['rules: [{when: sometimes}]', '15:rules:rule when unknown value: sometimes'],
    ['rules: [{when: manual, start_in: 1h}]', '33:rules:rule config contains disallowed keys: start_in'],
    ['rules: [{when: delayed}]', '15:rules:rule start in should be a duration'],
    ['rules: [{changes: a}]', '18:rules:rule:changes should be an array or a hash'],
    ['rules: [{changes: {compare_to: a}}]', '18:rules:rule:changes config missing required keys: paths'],
    ['rules: [{exists: [1]}]', '18:rules:rule:exists config should be an array of strings'],
    ['rules: [{auto_cancel: {}}]', '9:rules:rule config contains unknown keys: auto_cancel'],
    ['rules: [{when: always}], only: [main]', '31:config key may not be used with `rules`: only'],
  ])('%s', async (keyword, problem) => {
    expect(await problemsOf(keyword)).toEqual([problem]);
  });
});

describe('only and except', () => {
  test.each([
    [
      'only: [main, /^v/]',
      'only',
      { refs: ['main', '/^v/'], variables: null, changes: null, kubernetes: false },
    ],
    [
      'except: {refs: [tags], variables: [$A], changes: [a], kubernetes: active}',
      'except',
      {
        refs: ['tags'],
        variables: ['$A'],
        changes: ['a'],
        kubernetes: true,
      },
    ],
    ['only: null', 'only', null],
  ] as const)('%s', async (keyword, key, expected) => {
    expect((await jobOf(`a: {script: x, ${keyword}}`))[key]).toEqual(expected);
  });

  test.each([
    ['only: main', '6:only has to be either an array of conditions or a hash'],
    ['only: [1]', '7:only config should be an array of strings or regular expressions using re2 syntax'],
    ['only: ["/(/"]', '7:only config should be an array of strings or regular expressions using re2 syntax'],
    ['only: {branches: [main]}', '7:only config contains unknown keys: branches'],
    ['only: {variables: ["$A ="]}', '23:only variables invalid expression syntax'],
    ['except: {kubernetes: yes}', '21:except kubernetes unknown value: true'],
  ])('%s', async (keyword, problem) => {
    expect(await problemsOf(keyword)).toEqual([problem]);
  });
});

describe('needs, dependencies, parallel', () => {
  test('needs', async () => {
    const { needs } = await jobOf(
      'a: {script: x, needs: [b, {job: c, artifacts: false, optional: true, parallel: {matrix: [{A: [1, 2], B: x}]}}, {pipeline: $P, job: d}, {project: g/p, job: e, ref: main}, [f]]}',
    );
    expect(needs).toMatchObject([
      { kind: 'job', job: 'b', artifacts: true, optional: false, matrix: null },
      { kind: 'job', job: 'c', artifacts: false, optional: true, matrix: [{ A: ['1', '2'], B: ['x'] }] },
      { kind: 'pipeline', pipeline: '$P', job: 'd' },
      { kind: 'project', project: 'g/p', job: 'e', ref: 'main', artifacts: true },
      { kind: 'job', job: 'f' },
    ]);
  });

  test('parallel', async () => {
    expect((await jobOf('a: {script: x, parallel: 3}')).parallel).toEqual({ kind: 'count', count: 3 });
    expect((await jobOf('a: {script: x, parallel: {matrix: [{A: x, B: [1, "true"]}]}}')).parallel).toEqual({
      kind: 'matrix',
      entries: [
        [
          ['A', ['x']],
          ['B', ['1', 'true']],
        ],
      ],
    });
  });

  test.each([
    ['needs: b', '7:needs config can only be a hash or an array'],
    ['needs: [1]', '8:needs:need has an unsupported type'],
    ['needs: [{artifact: true}]', '8:needs:need has an unsupported type'],
    ['needs: [{artifacts: true}]', '8:needs:need has an unsupported type'],
    ['needs: [{job: b, artifacts: maybe}]', '28:needs:need artifacts should be a boolean value'],
    ['needs: [{project: p, job: b}]', "8:needs:need ref can't be blank"],
    ['parallel: 0', '10:parallel config must be greater than or equal to 1'],
    ['parallel: 201', '10:parallel config must be less than or equal to 200'],
    ['parallel: many', '10:parallel should be an integer or a hash'],
    ['parallel: {matrix: [], x: 1}', '23:parallel config contains unknown keys: x'],
    ['parallel: {matrix: {A: x}}', '19:parallel:matrix config should be an array of hashes'],
    ['parallel: {}', '10:parallel config missing required keys: matrix'],
    ['parallel: {matrix: [{}]}', '20:parallel:matrix:variables config requires at least 1 items'],
    [
      'parallel: {matrix: [{A: [true]}]}',
      '25:parallel:matrix:variables config should be a hash of key value pairs, value can be an array',
    ],
    ['parallel: {matrix: [x]}', '20:parallel:matrix config should be an array of hashes'],
  ])('%s', async (keyword, problem) => {
    expect(await problemsOf(keyword)).toEqual([problem]);
  });

  test('a bridge has no plain number of instances', async () => {
    expect((await readText('a: {trigger: g/p, parallel: 2}')).problems).toEqual([
      '1:29 jobs:a:parallel config cannot use "parallel: <number>".',
    ]);
  });
});
