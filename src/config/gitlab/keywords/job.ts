import { honoured, type Keywords, noDifference } from './keyword.ts';

/** What a job does, and how it is run. */
export const JOB: Keywords = {
  'job:script': {
    text: 'The commands of the job, run one after the other in one shell after those of `before_script`. The job fails with the first command that fails.',
    example: 'script:\n  - npm ci\n  - npm test',
  },
  'job:before_script': {
    text: 'Commands that run before `script`, in the same shell. An empty list takes away what `default` has set.',
    example: 'before_script:\n  - npm ci',
  },
  'job:after_script': {
    text: 'Commands that run when the script has ended, also when it failed or ran out of time, in a shell of their own. They never change the status of the job; `CI_JOB_STATUS` tells it.',
    example: 'after_script:\n  - echo "$CI_JOB_STATUS"',
    treatment: honoured('In a shell of its own, whatever became of the script.'),
  },
  'job:hooks': {
    text: 'Commands at certain points of the job that are not part of its script.',
    example: 'hooks:\n  pre_get_sources_script:\n    - echo "about to get the sources"',
  },
  'job:hooks:pre_get_sources_script': {
    text: "Commands that run before the repository is fetched; the job's files are not there yet.",
    example: 'hooks:\n  pre_get_sources_script:\n    - echo "about to get the sources"',
  },
  'job:stage': {
    text: 'The stage of the job, one of `stages`. Without the keyword it is `test`.',
    example: 'stage: deploy',
  },
  'job:extends': {
    text: 'One or several jobs or templates whose keys this job takes over. Mappings are merged key by key, lists are replaced; later ones in the list beat earlier ones, and the own keys of the job beat them all.',
    example: 'extends: [.node, .cached]',
  },
  'job:inherit': {
    text: 'Which of the settings for all jobs this one takes: all of them, unless it says otherwise.',
    example: 'inherit:\n  default: [image, retry]\n  variables: false',
  },
  'job:inherit:default': {
    text: 'Which keywords of `default` the job takes: `true`, `false`, or a list of their names.',
    example: 'inherit:\n  default: [image, retry]',
  },
  'job:inherit:variables': {
    text: 'Which of the `variables` at the root the job takes: `true`, `false`, or a list of their names.',
    example: 'inherit:\n  variables: [NODE_ENV]',
  },
  'job:variables': {
    text: 'Variables of this job, by name. They beat those at the root, and are beaten by those of the project and of whoever starts the pipeline.',
    example: 'variables:\n  NODE_ENV: test',
  },
  'job:variables:NAME:value': {
    text: 'The value of the variable, where more is said about it than the value.',
    example: 'variables:\n  PRICE:\n    value: 5$each\n    expand: false',
  },
  'job:tags': {
    text: 'What a runner must have to be given the job: all of these tags, fewer than 50. Variables in them are expanded.',
    example: 'tags: [linux, docker]',
    treatment: noDifference('Every job runs on this machine; the run says so once.'),
  },
  'job:timeout': {
    text: 'How long the job may take, as a duration (`1h 30m`); then it is ended and has failed. A plain number is refused: put it in quotes to mean seconds.',
    example: 'timeout: 1h 30m',
  },
  'job:retry': {
    text: 'How often a job that failed is tried again, 0 to 2 times; or a mapping that also says after which failures.',
    example: 'retry:\n  max: 2\n  when: runner_system_failure',
  },
  'job:retry:max': {
    text: 'How often the job is tried again: 0, 1 or 2 times.',
    example: 'retry:\n  max: 2',
  },
  'job:retry:when': {
    text: 'The failures after which the job is tried again: one or several of these words. `always` is all of them.',
    example: 'retry:\n  max: 1\n  when: [script_failure, stuck_or_timeout_failure]',
  },
  'job:retry:exit_codes': {
    text: 'The exit codes of the script after which the job is tried again, one or several. Alone it excludes all other failures; together with `when` either of them is enough.',
    example: 'retry:\n  max: 2\n  exit_codes: [75, 137]',
  },
  'job:allow_failure': {
    text: '`true`: the pipeline goes on and passes, with a warning, when the job fails. `false` is the rule, but for manual jobs; `exit_codes` allows some failures only.',
    example: 'allow_failure:\n  exit_codes: 137',
  },
  'job:allow_failure:exit_codes': {
    text: 'The exit codes of the script with which the job may fail, one or several.',
    example: 'allow_failure:\n  exit_codes: [1, 137]',
  },
  'job:interruptible': {
    text: 'Whether the job may be cancelled when a newer pipeline of the branch makes it superfluous.',
    example: 'interruptible: true',
    treatment: noDifference('Nothing newer interrupts a run; see also `workflow:auto_cancel:on_new_commit`.'),
  },
  'job:resource_group': {
    text: 'A name that jobs of all pipelines share; only one of the jobs with this name runs at a time. Variables in it are expanded.',
    example: 'resource_group: production',
    treatment: honoured('Among the jobs of the run.'),
  },
  'job:coverage': {
    text: "An RE2 expression between slashes. The last number in the log that it finds is the job's test coverage in percent.",
    example: "coverage: '/Lines\\s*:\\s*(\\d+\\.?\\d*)%/'",
  },
  'job:parallel': {
    text: 'Runs the job several times at once: a number from 1 to 200 (`CI_NODE_INDEX` tells which), or `matrix` for one instance per combination of values.',
    example: 'parallel: 4',
  },
  'job:parallel:matrix': {
    text: 'One instance for each combination of the values of each entry, up to 200; the values are variables of the instance and part of its name.',
    example: 'parallel:\n  matrix:\n    - NODE: ["20", "22"]\n      DATABASE: [postgres, mysql]',
  },
  'job:manual_confirmation': {
    text: 'A question that must be answered with yes before a manual job is started by hand.',
    example: 'when: manual\nmanual_confirmation: Deploy to production?',
    treatment: honoured('Shown when the job waits, and when `--manual` plays it, which is the confirmation.'),
  },
};
