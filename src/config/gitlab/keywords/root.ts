import { type Keywords, noDifference, notActedOn } from './keyword.ts';

/** Keywords at the root of a file. */
export const ROOT: Keywords = {
  job: {
    text: 'A job: what a runner does (`script` or `run`), or a pipeline that is started (`trigger`). Any key of the root that is not a setting is a job of that name; with a dot in front it is a template that never runs.',
    example: 'unit:\n  stage: test\n  script:\n    - npm ci\n    - npm test',
  },
  stages: {
    text: 'The names of the stages in the order they run: jobs of a stage start when those of all earlier stages have ended. `.pre` is always first and `.post` always last; without the keyword there are `build`, `test` and `deploy`.',
    example: 'stages: [build, test, deploy]',
  },
  default: {
    text: 'Values that every job takes unless it sets the keyword itself: its own value then replaces the whole of this one. `inherit:default` of a job chooses among them.',
    example: 'default:\n  image: node:22\n  retry: 1',
  },
  'default:timeout': {
    text: 'Accepted, as in GitLab, and taken by no job.',
    treatment: notActedOn('Neither GitLab nor Slipway gives it to a job. Write `timeout` in each job.'),
  },
  variables: {
    text: 'Variables of all jobs, by name: a value, or a mapping that also describes it in the form that starts a pipeline by hand. Those of a job beat these.',
    example:
      'variables:\n  NODE_ENV: test\n  DEPLOY_TO:\n    value: staging\n    options: [staging, production]',
  },
  'variables:NAME:value': {
    text: 'The value of the variable. A form for starting the pipeline shows it as the one chosen beforehand.',
    example: 'variables:\n  DEPLOY_TO:\n    value: staging',
  },
  'variables:NAME:description': {
    text: 'What the form for starting a pipeline by hand says beside the variable.',
    example: 'variables:\n  DEPLOY_TO:\n    value: staging\n    description: Where to deploy',
    treatment: noDifference('There is no form; `--var` sets a variable.'),
  },
  'variables:NAME:options': {
    text: 'The values that the form for starting a pipeline offers; `value` must be one of them. A value that comes from elsewhere is not held to the list.',
    example: 'variables:\n  DEPLOY_TO:\n    value: staging\n    options: [staging, production]',
    treatment: noDifference('There is no form; `--var` sets a variable.'),
  },
  'variables:NAME:expand': {
    text: 'With `false`, a `$` in the value stays as it is and refers to no other variable.',
    example: 'variables:\n  PRICE:\n    value: 5$each\n    expand: false',
  },
  workflow: {
    text: 'Settings of the pipeline as a whole: whether there is one, its name, and what cancels it.',
    example: 'workflow:\n  rules:\n    - if: $CI_COMMIT_BRANCH',
  },
  'workflow:name': {
    text: 'The name of the pipeline, up to 255 characters. Variables in it are expanded.',
    example: "workflow:\n  name: 'Pipeline for $CI_COMMIT_REF_NAME'",
  },
  'workflow:rules': {
    text: 'Whether there is a pipeline at all: the first rule that matches decides, by its `when` (`always` unless it says `never`). If none matches there is no pipeline.',
    example:
      'workflow:\n  rules:\n    - if: $CI_PIPELINE_SOURCE == "merge_request_event"\n    - if: $CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH',
  },
  'workflow:rules:when': {
    text: '`always` makes the pipeline, `never` prevents it.',
    example: 'workflow:\n  rules:\n    - if: $CI_COMMIT_TAG\n      when: never\n    - when: always',
  },
  'workflow:rules:variables': {
    text: 'Variables of the pipeline when this rule is the one that matches. They beat those at the root, and the rules of jobs see them.',
    example:
      'workflow:\n  rules:\n    - if: $CI_COMMIT_TAG\n      variables:\n        RELEASE: "yes"\n    - when: always',
  },
  'workflow:rules:auto_cancel': {
    text: 'Replaces `workflow:auto_cancel`, key by key, when this rule is the one that matches.',
    example:
      'workflow:\n  rules:\n    - if: $CI_COMMIT_TAG\n      auto_cancel:\n        on_job_failure: none\n    - when: always',
  },
  'workflow:auto_cancel': {
    text: 'What cancels the pipeline before it has ended.',
    example: 'workflow:\n  auto_cancel:\n    on_new_commit: interruptible\n    on_job_failure: all',
  },
  'workflow:auto_cancel:on_new_commit': {
    text: 'What a newer commit on the branch cancels: `conservative`, the pipeline, as long as no job with `interruptible: false` has started; `interruptible`, the jobs with `interruptible: true`; or `none`.',
    example: 'workflow:\n  auto_cancel:\n    on_new_commit: interruptible',
    treatment: noDifference('A local run is alone, and no newer commit cancels it.'),
  },
  'workflow:auto_cancel:on_job_failure': {
    text: '`all` cancels the running jobs as soon as one has failed; `none` lets them end.',
    example: 'workflow:\n  auto_cancel:\n    on_job_failure: all',
  },
  image: {
    text: 'The image of all jobs. Deprecated at the root: write it below `default`.',
    example: 'image: node:22',
  },
  services: {
    text: 'The services of all jobs. Deprecated at the root: write them below `default`.',
    example: 'services:\n  - postgres:17',
  },
  cache: {
    text: 'The caches of all jobs. Deprecated at the root: write them below `default`.',
    example: 'cache:\n  paths: [node_modules/]',
  },
  before_script: {
    text: 'What runs before the script of every job. Deprecated at the root: write it below `default`.',
    example: 'before_script:\n  - npm ci',
  },
  after_script: {
    text: 'What runs after the script of every job. Deprecated at the root: write it below `default`.',
    example: 'after_script:\n  - rm -rf tmp',
  },
};
