import { BOOLEAN, type Fields, INTEGER, listOf, record, TEXT, TEXTS, word } from '../../fields/field.ts';
import { noDifference, notActedOn } from '../../gitlab/keywords/keyword.ts';
import { VOLUME } from './step.ts';

const NO_MACHINE = noDifference('The build runs on this machine.');
const NO_LOG_SERVICE = noDifference('Logs are shown and kept by the run.');

/** `options`: how the build is run, and what all steps have. */
export const OPTIONS: Fields = {
  env: { text: 'Variables of every step, each as `NAME=VALUE`.', shape: TEXTS, substituted: true },
  secretEnv: { text: 'Secret variables that every step sees.', shape: TEXTS },
  volumes: { text: 'Folders that every step sees.', shape: listOf(record(VOLUME)) },
  substitutionOption: {
    text: 'Whether a substitution without a value, or one that is never used, is an error (`MUST_MATCH`) or not (`ALLOW_LOOSE`).',
    shape: word('MUST_MATCH', 'ALLOW_LOOSE'),
  },
  dynamicSubstitutions: {
    text: 'Whether `${_NAME}` takes operations as in bash, and substitutions may name each other. Builds of triggers always do.',
    shape: BOOLEAN,
  },
  automapSubstitutions: { text: 'Whether every step gets all substitutions as variables.', shape: BOOLEAN },
  machineType: { text: 'The kind of machine that the build is given.', shape: TEXT, treatment: NO_MACHINE },
  diskSizeGb: {
    text: 'How large the disk of that machine is, in gigabytes.',
    shape: INTEGER,
    treatment: NO_MACHINE,
  },
  pool: {
    text: 'The private pool of machines that the build is run in.',
    shape: record({
      name: { text: 'The resource name of the pool.', shape: TEXT, substituted: true },
    }),
    treatment: NO_MACHINE,
  },
  workerPool: {
    text: 'The older way to write `pool`.',
    shape: TEXT,
    substituted: true,
    treatment: NO_MACHINE,
  },
  logging: {
    text: 'Where logs are kept.',
    shape: word(
      'LOGGING_UNSPECIFIED',
      'LEGACY',
      'GCS_ONLY',
      'STACKDRIVER_ONLY',
      'CLOUD_LOGGING_ONLY',
      'NONE',
    ),
    treatment: NO_LOG_SERVICE,
  },
  logStreamingOption: {
    text: 'Whether logs are written to the bucket while the build runs.',
    shape: word('STREAM_DEFAULT', 'STREAM_ON', 'STREAM_OFF'),
    treatment: NO_LOG_SERVICE,
  },
  defaultLogsBucketBehavior: {
    text: 'How the bucket of logs is set up where none is named.',
    shape: word('DEFAULT_LOGS_BUCKET_BEHAVIOR_UNSPECIFIED', 'REGIONAL_USER_OWNED_BUCKET', 'LEGACY_BUCKET'),
    treatment: NO_LOG_SERVICE,
  },
  enableStructuredLogging: {
    text: 'Whether lines of a log that are JSON are read as such by the log service.',
    shape: BOOLEAN,
    treatment: NO_LOG_SERVICE,
  },
  pubsubTopic: {
    text: 'The topic that is told how the build goes.',
    shape: TEXT,
    substituted: true,
    treatment: notActedOn('No topic is told of the build.'),
  },
  sourceProvenanceHash: {
    text: 'The digests that are made of the source.',
    shape: listOf(word('NONE', 'SHA256', 'MD5', 'GO_MODULE_H1', 'SHA512', 'DIRSUM_SHA256')),
    treatment: notActedOn('No provenance is written.'),
  },
  requestedVerifyOption: {
    text: 'Whether the build must be one whose provenance can be verified.',
    shape: word('NOT_VERIFIED', 'VERIFIED'),
    treatment: notActedOn('No provenance is written.'),
  },
};
