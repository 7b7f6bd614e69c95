import { expect, test } from 'vitest';
import { languageOf } from './language.ts';

test.each([
  ['.gitlab-ci.yml', 'gitlab'],
  ['ci/deploy.gitlab-ci.yml', 'gitlab'],
  ['.gitlab-ci.nightly.yaml', 'gitlab'],
  ['buildspec.yml', 'codebuild'],
  ['deploy/buildspec-release.yaml', 'codebuild'],
  ['release.buildspec.yml', 'codebuild'],
  ['cloudbuild.yaml', 'cloudbuild'],
  ['cloudbuild.json', 'cloudbuild'],
  ['build/cloudbuild-nightly.yml', 'cloudbuild'],
  ['ci.json', 'cloudbuild'],
])('%s is a file of %s by its name', (path, language) => {
  expect(languageOf(path, 'anything')).toBe(language);
});

test.each([
  ['version: 0.2\nphases:\n  build:\n    commands: [make]\n', 'codebuild'],
  ['"version": 0.2\n"phases": {}\n', 'codebuild'],
  ["env:\n  shell: bash\nversion: '0.2'\nartifacts:\n  files: [out]\n", 'codebuild'],
  ['version:\n  script: echo 0.2\nphases:\n  script: make\n', 'gitlab'],
  ['steps:\n- name: alpine\n', 'cloudbuild'],
  ['# who knows\ntimeout: 60s\nsteps:\n  - name: alpine\n', 'cloudbuild'],
  ['stages: [build]\nsteps:\n  script: make\n', 'gitlab'],
  ['build:\n  script: [make]\n  steps: no key of the root\n', 'gitlab'],
  ['', 'gitlab'],
])('pipeline.yml with %j is a file of %s by its keys', (text, language) => {
  expect(languageOf('pipeline.yml', text)).toBe(language);
});
