import { honoured, type Keywords, noDifference } from './keyword.ts';

/** What jobs leave behind: artifacts and caches. */
export const FILES: Keywords = {
  'job:artifacts': {
    text: 'Files that the job leaves behind: for the jobs of later stages, for those that need it, and for people.',
    example: 'artifacts:\n  paths: [dist/]\n  expire_in: 1 week',
    treatment: honoured('Kept with the logs of the run, on this machine.'),
  },
  'job:artifacts:paths': {
    text: 'Files and folders to keep, as patterns from the top of the repository. `*` stays within a folder, `**` goes to any depth.',
    example: 'artifacts:\n  paths: [dist/, reports/*.xml]',
  },
  'job:artifacts:exclude': {
    text: 'Patterns of files that are not kept although `paths` or `untracked` would. A folder alone does not exclude what is in it: write `folder/**/*`.',
    example: 'artifacts:\n  paths: [dist/]\n  exclude: [dist/**/*.map]',
  },
  'job:artifacts:untracked': {
    text: '`true` keeps every file that git does not know, ignored ones too.',
    example: 'artifacts:\n  untracked: true',
  },
  'job:artifacts:name': {
    text: 'The name of the archive when it is downloaded; `artifacts` without the keyword. Variables in it are expanded.',
    example: "artifacts:\n  name: '$CI_JOB_NAME-$CI_COMMIT_REF_SLUG'\n  paths: [dist/]",
    treatment: honoured('The archive on this machine is named for its job.'),
  },
  'job:artifacts:when': {
    text: '`on_success` (the rule), `on_failure` or `always`: after which end of the job the files are kept. Reports are kept in any case.',
    example: 'artifacts:\n  when: always\n  paths: [logs/]',
  },
  'job:artifacts:expire_in': {
    text: 'How long the artifacts are kept, as a duration or `never`. Those of the newest pipeline of a branch stay.',
    example: 'artifacts:\n  paths: [dist/]\n  expire_in: 1 week',
    treatment: noDifference('Artifacts go with their run: the newest 20 runs are kept.'),
  },
  'job:artifacts:expose_as': {
    text: 'The name under which a merge request links to the artifacts. It needs `paths` without `*`.',
    example: 'artifacts:\n  expose_as: Coverage report\n  paths: [coverage/]',
    treatment: noDifference('There is no merge request to show them in.'),
  },
  'job:artifacts:public': {
    text: '`false`: only members of the project may download the artifacts. `access` says more, and cannot stand beside it.',
    example: 'artifacts:\n  public: false\n  paths: [dist/]',
    treatment: noDifference('Nobody else sees what is on your machine.'),
  },
  'job:artifacts:access': {
    text: 'Who may download the artifacts: `all` (the rule), `developer`, `maintainer` or `none`.',
    example: 'artifacts:\n  access: developer\n  paths: [dist/]',
    treatment: noDifference('Nobody else sees what is on your machine.'),
  },
  'job:cache': {
    text: 'Files that are kept from one run of a job to the next, to be faster: one cache or up to four. A job must also work without; what later jobs need are `artifacts`.',
    example: 'cache:\n  key:\n    files: [package-lock.json]\n  paths: [.npm/]',
    treatment: honoured('Kept on this machine, for all branches of the project.'),
  },
  'job:cache:paths': {
    text: 'Files and folders to keep, as patterns from the top of the repository.',
    example: 'cache:\n  paths: [.npm/, vendor/]',
  },
  'job:cache:untracked': {
    text: '`true` keeps every file that git does not know, ignored ones too.',
    example: 'cache:\n  untracked: true',
  },
  'job:cache:key': {
    text: 'The name of the cache; jobs with the same key share it. A text in which variables are expanded (without `/`), or a mapping that makes it from files. Without the keyword it is `default`.',
    example: 'cache:\n  key: $CI_COMMIT_REF_SLUG\n  paths: [.npm/]',
  },
  'job:cache:key:files': {
    text: 'Files whose content makes the key: when one of them changes there is a new cache.',
    example: 'cache:\n  key:\n    files: [package-lock.json]\n  paths: [.npm/]',
  },
  'job:cache:key:files_commits': {
    text: 'Files whose newest commit makes the key: when one of them is changed there is a new cache.',
    example: 'cache:\n  key:\n    files_commits: [package-lock.json]\n  paths: [.npm/]',
  },
  'job:cache:key:prefix': {
    text: 'What stands before the part of the key that is made from files. Variables in it are expanded.',
    example: 'cache:\n  key:\n    files: [package-lock.json]\n    prefix: $CI_JOB_NAME\n  paths: [.npm/]',
  },
  'job:cache:policy': {
    text: '`pull-push` (the rule) takes the cache before the job and stores it afterwards; `pull` only takes, `push` only stores. A variable may say which.',
    example: 'cache:\n  paths: [.npm/]\n  policy: pull',
  },
  'job:cache:when': {
    text: '`on_success` (the rule), `on_failure` or `always`: after which end of the job the cache is stored.',
    example: 'cache:\n  paths: [.npm/]\n  when: always',
  },
  'job:cache:unprotect': {
    text: '`true`: protected branches share the cache with all others.',
    example: 'cache:\n  paths: [.npm/]\n  unprotect: true',
    treatment: noDifference('Protected and other branches share their caches here.'),
  },
  'job:cache:fallback_keys': {
    text: 'Up to five keys that are tried in turn when there is no cache under `key`.',
    example: 'cache:\n  key: $CI_COMMIT_REF_SLUG\n  fallback_keys: [main, default]\n  paths: [.npm/]',
  },
};
