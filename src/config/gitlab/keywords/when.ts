import { honoured, type Keywords, noDifference } from './keyword.ts';

/** Whether and when a job runs. */
export const WHEN: Keywords = {
  'job:when': {
    text: '`on_success` (the rule): when nothing before it failed. `on_failure`: when something did. `always`: whatever happened. `manual`: when somebody starts it. `delayed`: after `start_in`.',
    example: 'when: manual',
  },
  'job:start_in': {
    text: 'With `when: delayed`: how long to wait before the job starts, up to a week.',
    example: 'when: delayed\nstart_in: 30 minutes',
  },
  'job:rules': {
    text: 'Whether the job is in the pipeline, and how: the first rule that matches decides, and if none matches the job is left out. A rule matches when all of its `if`, `changes` and `exists` do.',
    example: 'rules:\n  - if: $CI_COMMIT_TAG\n    when: manual\n  - changes: [src/**/*]',
  },
  'job:rules:if': {
    text: 'An expression over variables: `==`, `!=`, `=~`, `!~`, `&&`, `||` and parentheses. A variable alone is true when it is neither missing nor empty.',
    example: 'rules:\n  - if: $CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH && $CI_COMMIT_MESSAGE !~ /^wip/',
  },
  'job:rules:changes': {
    text: 'Matches when a file that one of these patterns fits was changed. It also matches where it is not known what has changed, as in pipelines of tags and schedules.',
    example: 'rules:\n  - changes: [src/**/*, package.json]',
  },
  'job:rules:changes:paths': {
    text: 'The patterns, up to 50; variables in them are expanded. `*` stays within a folder, `**/*` goes to any depth.',
    example: 'rules:\n  - changes:\n      paths: [src/**/*]',
  },
  'job:rules:changes:compare_to': {
    text: 'The branch, tag or commit against which the changes are looked for, instead of the commit before.',
    example: 'rules:\n  - changes:\n      paths: [src/**/*]\n      compare_to: refs/heads/main',
  },
  'job:rules:exists': {
    text: 'Matches when a file of the repository fits one of these patterns.',
    example: 'rules:\n  - exists: [Dockerfile, docker/**/Dockerfile]',
  },
  'job:rules:exists:paths': {
    text: 'The patterns, up to 50; variables in them are expanded.',
    example: 'rules:\n  - exists:\n      paths: [Dockerfile]',
  },
  'job:rules:exists:project': {
    text: 'The project in which the files are looked for, by its full path, instead of this one.',
    example: 'rules:\n  - exists:\n      paths: [Dockerfile]\n      project: platform/images',
  },
  'job:rules:exists:ref': {
    text: 'With `project`: the branch, tag or commit of that project.',
    example:
      'rules:\n  - exists:\n      paths: [Dockerfile]\n      project: platform/images\n      ref: main',
  },
  'job:rules:when': {
    text: "The job's `when` if this rule is the one that matches; `never` leaves it out of the pipeline.",
    example: 'rules:\n  - if: $CI_COMMIT_TAG\n    when: never\n  - when: on_success',
  },
  'job:rules:start_in': {
    text: 'With `when: delayed` in the same rule: how long to wait before the job starts.',
    example: 'rules:\n  - if: $CI_COMMIT_BRANCH\n    when: delayed\n    start_in: 1 hour',
  },
  'job:rules:allow_failure': {
    text: "Replaces the job's `allow_failure` if this rule is the one that matches.",
    example: 'rules:\n  - if: $CI_COMMIT_BRANCH != "main"\n    allow_failure: true\n  - when: on_success',
  },
  'job:rules:variables': {
    text: 'Variables of the job if this rule is the one that matches. They beat those of the job and of its matrix.',
    example: 'rules:\n  - if: $CI_COMMIT_TAG\n    variables:\n      DEPLOY_TO: production',
  },
  'job:rules:needs': {
    text: "Replaces the job's `needs` if this rule is the one that matches.",
    example: 'rules:\n  - if: $CI_COMMIT_BRANCH\n    needs: []',
  },
  'job:rules:interruptible': {
    text: "Replaces the job's `interruptible` if this rule is the one that matches.",
    example: 'rules:\n  - if: $CI_COMMIT_BRANCH != "main"\n    interruptible: true\n  - when: on_success',
    treatment: noDifference('Nothing newer interrupts a run.'),
  },
  'job:only': {
    text: 'The older way to say when a job is in the pipeline: for these refs, as names, patterns or words such as `branches`, `tags` and `merge_requests`. `rules` says more, and cannot stand beside it.',
    example: 'only: [main, tags, /^release-.*$/]',
  },
  'job:except': {
    text: 'The older way to say when a job is left out: for these refs, even if `only` would take it.',
    example: 'except: [schedules]',
  },
  'job:only:refs': {
    text: 'Names of branches and tags, patterns between slashes, or words: `branches`, `tags`, `merge_requests`, `pushes`, `schedules`, `web`, `api`, `triggers`, `pipelines`. One of them must fit.',
    example: 'only:\n  refs: [branches, tags]',
  },
  'job:only:variables': {
    text: 'Expressions as in `rules:if`, of which one must be true.',
    example: 'only:\n  variables: [$RELEASE == "yes"]',
  },
  'job:only:changes': {
    text: 'Patterns of which one must fit a changed file, as in `rules:changes`.',
    example: 'only:\n  changes: [src/**/*]',
  },
  'job:only:kubernetes': {
    text: '`active`: the project must have a Kubernetes cluster that GitLab knows.',
    example: 'only:\n  kubernetes: active',
    treatment: honoured('No cluster is known here.'),
  },
  'job:needs': {
    text: 'The jobs this one waits for, whatever their stage, and whose artifacts it takes; up to 50. With an empty list it starts at once.',
    example: 'needs: [build, lint]',
  },
  'job:needs:job': {
    text: 'The job that is needed: all instances of a parallel one, unless `parallel` chooses some.',
    example: 'needs:\n  - job: build\n    artifacts: false',
  },
  'job:needs:artifacts': {
    text: 'Whether the artifacts of that job are taken: yes, unless it is `false`.',
    example: 'needs:\n  - job: build\n    artifacts: false',
  },
  'job:needs:optional': {
    text: '`true`: nothing is wrong when that job is not in the pipeline. Otherwise there is no pipeline then.',
    example: 'needs:\n  - job: build\n    optional: true',
  },
  'job:needs:parallel': {
    text: 'Which instances of a parallel job are needed.',
    example: 'needs:\n  - job: build\n    parallel:\n      matrix:\n        - NODE: "22"',
  },
  'job:needs:parallel:matrix': {
    text: "The values of the instances that are needed. `$[[ matrix.NAME ]]` stands for the value of this job's own matrix.",
    example: 'needs:\n  - job: build\n    parallel:\n      matrix:\n        - NODE: "22"',
  },
  'job:needs:pipeline': {
    text: 'Another pipeline: with `job`, the pipeline (by number) from whose job artifacts are taken; alone, the project whose pipeline status this job mirrors.',
    example: 'needs:\n  - pipeline: $PARENT_PIPELINE_ID\n    job: build',
    treatment: honoured(
      'Artifacts come from a pipeline of the same run, such as the parent. A job that mirrors another pipeline fails.',
    ),
  },
  'job:needs:project': {
    text: 'Another project, by its full path, from whose newest successful pipeline of `ref` the artifacts of `job` are taken.',
    example: 'needs:\n  - project: platform/library\n    job: build\n    ref: main',
    treatment: honoured(
      "Artifacts come from the last run in the project's folder, which --project names. Without one the job fails.",
    ),
  },
  'job:needs:ref': {
    text: 'With `project`: the branch or tag whose newest pipeline is meant.',
    example: 'needs:\n  - project: platform/library\n    job: build\n    ref: main',
  },
  'job:dependencies': {
    text: 'The jobs whose artifacts are taken, instead of those of all earlier stages. With an empty list, none.',
    example: 'dependencies: [build]',
  },
};
