import { ANY, DURATION, type Fields, listOf, MAP, record, TEXT, TEXTS } from '../../fields/field.ts';
import { honoured, noDifference, notActedOn } from '../../gitlab/keywords/keyword.ts';
import { ARTIFACTS } from './artifacts.ts';
import { OPTIONS } from './options.ts';
import { STEP } from './step.ts';

const KMS = notActedOn('Nothing is decrypted. Give the project a secret by the name of the variable.');
const OF_THE_SERVICE = noDifference('The service writes it; a file that has it is accepted.');

/** What stands at the root of a build file: the `Build` of the service's interface. */
export const BUILD: Fields = {
  steps: {
    text: 'The steps of the build. Each is a container that works in the one `/workspace`.',
    shape: listOf(record(STEP)),
    required: true,
  },
  timeout: {
    text: 'How long the build may take, in seconds with an `s` behind; 60 minutes without it.',
    shape: DURATION,
    treatment: honoured('No step may take longer than this; the steps together are not limited.'),
  },
  queueTtl: {
    text: 'How long the build may wait for its start.',
    shape: DURATION,
    treatment: noDifference('A run starts at once.'),
  },
  logsBucket: {
    text: 'The bucket that logs are written to.',
    shape: TEXT,
    substituted: true,
    treatment: noDifference('Logs are shown and kept by the run.'),
  },
  options: { text: 'How the build is run, and what all steps have.', shape: record(OPTIONS) },
  substitutions: {
    text: 'Values for `$_NAME`, by name. `--var _NAME=VALUE` and variables of the project count more.',
    shape: MAP,
  },
  availableSecrets: {
    text: 'Secrets that steps can ask for with `secretEnv`.',
    shape: record({
      secretManager: {
        text: 'Secrets of Secret Manager.',
        shape: listOf(
          record({
            versionName: {
              text: 'The secret and its version: `projects/P/secrets/S/versions/V`.',
              shape: TEXT,
              required: true,
              substituted: true,
            },
            env: { text: 'The variable that steps ask for.', shape: TEXT, required: true },
          }),
        ),
        treatment: honoured("The project's own secret by the same name is taken first."),
      },
      inline: {
        text: 'Secrets that stand here, encrypted with a key of Cloud KMS.',
        shape: listOf(
          record({
            kmsKeyName: { text: 'The key.', shape: TEXT, required: true, substituted: true },
            envMap: {
              text: 'What is encrypted, by the variable that steps ask for.',
              shape: MAP,
              required: true,
            },
          }),
        ),
        treatment: KMS,
      },
    }),
  },
  secrets: {
    text: 'The older way to write `availableSecrets:inline`.',
    shape: listOf(
      record({
        kmsKeyName: { text: 'The key.', shape: TEXT, required: true, substituted: true },
        secretEnv: {
          text: 'What is encrypted, by the variable that steps ask for.',
          shape: MAP,
          required: true,
        },
      }),
    ),
    treatment: KMS,
  },
  images: {
    text: 'The images that are pushed when all steps have succeeded.',
    shape: TEXTS,
    substituted: true,
    treatment: honoured(
      'A last job, `push images`, which waits to be started by hand unless `slipway.yml` says otherwise.',
    ),
  },
  artifacts: { text: 'What the build leaves behind.', shape: record(ARTIFACTS) },
  tags: {
    text: 'Words by which builds are found again.',
    shape: TEXTS,
    substituted: true,
    treatment: noDifference('A run is not looked for by tags.'),
  },
  serviceAccount: {
    text: 'The account that the build acts as.',
    shape: TEXT,
    substituted: true,
    treatment: notActedOn('Steps act with the credentials that they find on this machine.'),
  },
  source: {
    text: 'Where the source comes from.',
    shape: ANY,
    treatment: notActedOn('The build works on the repository it stands in.'),
  },
  dependencies: {
    text: 'Repositories that are fetched before the steps.',
    shape: ANY,
    treatment: notActedOn('Nothing is fetched.'),
  },
  gitConfig: {
    text: 'How the source is fetched.',
    shape: ANY,
    treatment: noDifference('The source is here already.'),
  },
  ...Object.fromEntries(
    [
      'id',
      'name',
      'projectId',
      'status',
      'statusDetail',
      'createTime',
      'startTime',
      'finishTime',
      'logUrl',
    ].map((name) => [name, { text: 'Set by the service.', shape: ANY, treatment: OF_THE_SERVICE }]),
  ),
};
