import { BOOLEAN, type Fields, INTEGER, listOf, MAP, record, TEXT, TEXTS } from '../../fields/field.ts';
import { honoured, noDifference, notActedOn } from '../../gitlab/keywords/keyword.ts';
import { NOT_ACTED_ON, YES_OR_NO } from './words.ts';

const SIZE = noDifference('A build has the machine that there is.');
const IMAGE = honoured('`slipway.yml` can map it; `aws/codebuild/…` is pulled from `public.ecr.aws`.');

/** What a build of a batch has in place of what the project says. */
export const BUILD_ENVIRONMENT: Fields = {
  'compute-type': { text: 'The size of the machine.', shape: TEXT, treatment: SIZE },
  fleet: { text: 'The fleet of machines; not together with `compute-type`.', shape: TEXT, treatment: SIZE },
  image: { text: 'The image of the build.', shape: TEXT, treatment: IMAGE },
  'privileged-mode': {
    text: 'Whether the build may run a Docker daemon.',
    shape: BOOLEAN,
    treatment: notActedOn(
      'No daemon is started; `slipway run --engine-socket` lends the one of this machine.',
      NOT_ACTED_ON,
    ),
  },
  type: {
    text: 'The kind of machine, as `LINUX_CONTAINER`.',
    shape: TEXT,
    treatment: honoured(
      'That of ARM chooses the platform of the image; those of Windows and macOS are errors.',
    ),
  },
  variables: {
    text: 'Variables of the build.',
    shape: MAP,
    treatment: honoured('They win over those of the buildspec, and over its secrets.'),
  },
};

const IGNORE_FAILURE = {
  text: 'Whether the batch succeeds although the build fails.',
  shape: YES_OR_NO,
  treatment: honoured('`allow_failure`: builds that depend on it run all the same.'),
};

/** A build of a list. */
export const LISTED_BUILD: Fields = {
  identifier: { text: 'The name of the build in the batch.', shape: TEXT },
  buildspec: {
    text: 'Another buildspec, by its path.',
    shape: TEXT,
    treatment: honoured('A file of the repository; one in S3 is an error.'),
  },
  'debug-session': {
    text: 'Whether the build can be stepped into.',
    shape: YES_OR_NO,
    treatment: noDifference('`slipway run --keep` and `slipway shell` step into every build.'),
  },
  env: { text: 'The machine, the image and variables of the build.', shape: record(BUILD_ENVIRONMENT) },
  'ignore-failure': IGNORE_FAILURE,
};

export const GRAPH_BUILD: Fields = {
  ...LISTED_BUILD,
  'depend-on': {
    text: 'The builds that come before this one.',
    shape: TEXTS,
    treatment: honoured('`needs`, without their artifacts.'),
  },
};

export const MATRIX_STATIC: Fields = {
  env: { text: 'Their machine and variables.', shape: record(BUILD_ENVIRONMENT) },
  'ignore-failure': IGNORE_FAILURE,
};

/** Each of these is a list of all values that the builds of a matrix take in turn. */
export const MATRIX_ENVIRONMENT: Fields = {
  'compute-type': { text: 'The sizes of the machine.', shape: TEXTS, treatment: SIZE },
  image: { text: 'The images.', shape: TEXTS, treatment: IMAGE },
  variables: { text: 'Variables, each with its values.', shape: { type: 'map', items: TEXTS } },
};

export const MATRIX_DYNAMIC: Fields = {
  buildspec: { text: 'The buildspecs.', shape: TEXTS },
  env: { text: 'Their machines, images and variables.', shape: record(MATRIX_ENVIRONMENT) },
};

export const MATRIX: Fields = {
  static: { text: 'What is the same in all of them.', shape: record(MATRIX_STATIC) },
  dynamic: { text: 'What they differ in.', shape: record(MATRIX_DYNAMIC) },
};

export const FANOUT: Fields = {
  parallelism: {
    text: 'How many builds, 100 at most.',
    shape: INTEGER,
    treatment: honoured(
      'Each is told its number as `CI_NODE_INDEX`, and how many there are as `CI_NODE_TOTAL`; `codebuild-tests-run` takes its part of the tests.',
    ),
  },
  'ignore-failure': IGNORE_FAILURE,
};

export const BATCH: Fields = {
  'fast-fail': {
    text: 'Whether the first build that fails stops the others.',
    shape: YES_OR_NO,
    treatment: honoured('A failure that is ignored stops nothing.'),
  },
  'build-list': { text: 'Builds that run at once.', shape: listOf(record(LISTED_BUILD)) },
  'build-matrix': { text: 'Builds for each combination of values.', shape: record(MATRIX) },
  'build-graph': { text: 'Builds that wait for each other.', shape: listOf(record(GRAPH_BUILD)) },
  'build-fanout': {
    text: 'One build many times, each with its part of the tests.',
    shape: record(FANOUT),
  },
};
