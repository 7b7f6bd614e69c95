import { type Keywords, noDifference } from './keyword.ts';

/** `include`, at the root and below `trigger`. */
export const INCLUDE: Keywords = {
  include: {
    text: 'Other files whose content is merged into this one before anything else is read. Mappings are merged key by key, everything else is replaced; later files beat earlier ones, and this file beats them all.',
    example:
      'include:\n  - local: ci/build.yml\n  - local: ci/deploy/*.yml\n    rules:\n      - if: $CI_COMMIT_TAG',
  },
  'include:local': {
    text: 'A file of the same project at the same commit, from the top of the repository. `*` stands for any name in a folder, `**` for folders of any depth.',
    example: 'include:\n  - local: ci/**/*.yml',
  },
  'include:project': {
    text: 'Another project, by its full path; `file` says which of its files, `ref` at which commit.',
    example: 'include:\n  - project: platform/ci\n    ref: v3\n    file: [build.yml, deploy.yml]',
  },
  'include:file': {
    text: 'With `project`: the file or files of that project, from the top of its repository.',
    example: 'include:\n  - project: platform/ci\n    file: build.yml',
  },
  'include:ref': {
    text: "With `project`: the branch, tag or commit to take the files from. Without it, the newest commit of the project's default branch.",
    example: 'include:\n  - project: platform/ci\n    ref: v3\n    file: build.yml',
  },
  'include:remote': {
    text: 'The full `https://` address of a file that anybody may read.',
    example: 'include:\n  - remote: https://example.org/ci/lint.yml',
  },
  'include:integrity': {
    text: 'With `remote`: the SHA-256 that the file must have, as `sha256-` and Base64.',
    example:
      'include:\n  - remote: https://example.org/ci/lint.yml\n    integrity: sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=',
  },
  'include:cache': {
    text: 'With `remote`: for how long a fetched file may be used again, as `true` or a duration.',
    treatment: noDifference('Every fetched file is used again until `--refresh`.'),
    example: 'include:\n  - remote: https://example.org/ci/lint.yml\n    cache: 1 hour',
  },
  'include:template': {
    text: "A template that comes with the program, by its name. Slipway's own are called `Slipway/…`; GitLab's do not come with it.",
    example: 'include:\n  - template: Slipway/Python.gitlab-ci.yml',
  },
  'include:component': {
    text: 'A component: a file that another project offers for use, as `HOST/PROJECT/NAME@VERSION`. The version is a commit, tag or branch, part of a semantic version (`1.2`), or `~latest`.',
    example:
      'include:\n  - component: gitlab.example.org/platform/lint/eslint@1.2\n    inputs:\n      stage: test',
  },
  'include:artifact': {
    text: 'Only below `trigger`: a file that a job of this pipeline has made, with `job` naming it.',
    example: 'include:\n  - artifact: generated.yml\n    job: generate',
  },
  'include:job': {
    text: 'With `artifact`: the job that has made the file. It must be of an earlier stage, or needed.',
    example: 'include:\n  - artifact: generated.yml\n    job: generate',
  },
  'include:inputs': {
    text: "Values for the inputs that the file's header (`spec:inputs`) declares, by name.",
    example: 'include:\n  - local: ci/deploy.yml\n    inputs:\n      environment: staging',
  },
  'include:rules': {
    text: 'Whether the file is included: the first rule that matches decides, and if none matches it is left out. Variables that the pipeline file itself sets are not seen.',
    example:
      'include:\n  - local: ci/deploy.yml\n    rules:\n      - if: $CI_COMMIT_TAG\n      - exists: [Dockerfile]',
  },
  'include:rules:when': {
    text: '`always` includes the file, `never` leaves it out.',
    example:
      'include:\n  - local: ci/deploy.yml\n    rules:\n      - if: $CI_COMMIT_TAG\n        when: never\n      - when: always',
  },
};
