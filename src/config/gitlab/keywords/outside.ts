import { honoured, type Keywords, notActedOn } from './keyword.ts';

/** What a job does with services that a machine alone does not have, and steps. */
export const OUTSIDE: Keywords = {
  'job:release': {
    text: 'Makes a release of the project when the script has passed: for a tag, with a description and links to files.',
    example: 'release:\n  tag_name: $CI_COMMIT_TAG\n  description: CHANGELOG.md',
    treatment: notActedOn('No release is made.'),
  },
  'job:pages': {
    text: 'Publishes a folder as a website: `true`, or a mapping that says more. A job that is named `pages` publishes one anyway, unless it says `false`.',
    example: 'pages:\n  publish: public',
    treatment: notActedOn('Nothing is published; the artifacts are kept as in GitLab.'),
  },
  'job:publish': {
    text: 'The folder that a job with `pages` publishes; `public` without the keyword. Write `pages:publish` in new files.',
    example: 'pages: true\npublish: dist',
    treatment: notActedOn('Nothing is published; the folder is kept with the artifacts.'),
  },
  'job:secrets': {
    text: 'Secrets that are fetched from a vault before the job starts, by the name of the variable that holds each of them or the path of its file.',
    example: 'secrets:\n  DATABASE_PASSWORD:\n    vault: production/db/password@ops',
    treatment: notActedOn('The variables are not set.'),
  },
  'job:id_tokens': {
    text: 'Signed statements of who the job is (JWT), by the name of the variable that holds each of them, to sign in at other services without a password.',
    example: 'id_tokens:\n  VAULT_TOKEN:\n    aud: https://vault.example.org',
    treatment: notActedOn('The variables are not set.'),
  },
  'job:identity': {
    text: 'Signs in at a cloud with the identity of the job; `google_cloud` is the one there is.',
    example: 'identity: google_cloud',
    treatment: notActedOn('Only GitLab can sign for the job.'),
  },
  'job:dast_configuration': {
    text: 'Names the profiles that a scan of a running application uses.',
    example: 'dast_configuration:\n  site_profile: Example\n  scanner_profile: Quick',
    treatment: notActedOn('The profiles are kept in GitLab, and only its paid scanner uses them.'),
  },
  'job:dast_configuration:site_profile': { text: 'The profile of what is scanned.' },
  'job:dast_configuration:scanner_profile': { text: 'The profile of how it is scanned.' },
  'job:inputs': {
    text: 'Values that can be given when the job is started by hand, by name and with a default; its script uses them as `${{ job.inputs.NAME }}`.',
    example: 'inputs:\n  replicas:\n    type: number\n    default: 2',
    treatment: notActedOn('The script gets no values for them.'),
  },
  'job:run': {
    text: 'Steps that the job runs one after the other, in place of `script`: each is a `script`, or a step that is written elsewhere.',
    example: 'run:\n  - name: greet\n    script: echo hello',
    treatment: honoured(
      'Steps with a `script`. A job with other steps fails, and reading the file warns of it.',
    ),
  },
};
