import { BOOLEAN, type Fields, INTEGER, listOf, MAP, record, TEXT, TEXTS } from '../../fields/field.ts';
import { YES_OR_NO } from './words.ts';

/** What a build of a batch has in place of what the project says. */
const BUILD_ENVIRONMENT: Fields = {
  'compute-type': { text: 'The size of the machine.', shape: TEXT },
  fleet: { text: 'The fleet of machines.', shape: TEXT },
  image: { text: 'The image of the build.', shape: TEXT },
  'privileged-mode': { text: 'Whether the build may run a Docker daemon.', shape: BOOLEAN },
  type: { text: 'The kind of machine, as `LINUX_CONTAINER`.', shape: TEXT },
  variables: { text: 'Variables of the build.', shape: MAP },
};

const BUILD: Fields = {
  identifier: { text: 'The name of the build in the batch.', shape: TEXT },
  buildspec: { text: 'Another buildspec: a path, or its text.', shape: TEXT },
  'debug-session': { text: 'Whether the build can be stepped into.', shape: YES_OR_NO },
  env: { text: 'The machine, the image and variables of the build.', shape: record(BUILD_ENVIRONMENT) },
  'ignore-failure': { text: 'Whether the batch goes on when the build fails.', shape: YES_OR_NO },
};

/** Each of these is a list of all values that the builds of a matrix take in turn. */
const MATRIX_ENVIRONMENT: Fields = {
  'compute-type': { text: 'The sizes of the machine.', shape: TEXTS },
  image: { text: 'The images.', shape: TEXTS },
  variables: { text: 'Variables, each with its values.', shape: { type: 'map', items: TEXTS } },
};

export const BATCH: Fields = {
  'fast-fail': { text: 'Whether the first build that fails ends the batch.', shape: YES_OR_NO },
  'build-list': { text: 'Builds that run at once.', shape: listOf(record(BUILD)) },
  'build-matrix': {
    text: 'Builds for each combination of values.',
    shape: record({
      static: {
        text: 'What is the same in all of them.',
        shape: record({
          env: { text: 'Their machine and variables.', shape: record(BUILD_ENVIRONMENT) },
          'ignore-failure': { text: 'Whether the batch goes on when one fails.', shape: YES_OR_NO },
        }),
      },
      dynamic: {
        text: 'What they differ in.',
        shape: record({
          buildspec: { text: 'The buildspecs.', shape: TEXTS },
          env: { text: 'Their machines, images and variables.', shape: record(MATRIX_ENVIRONMENT) },
        }),
      },
    }),
  },
  'build-graph': {
    text: 'Builds that wait for each other.',
    shape: listOf(
      record({
        ...BUILD,
        'depend-on': { text: 'The builds that must have succeeded before this one.', shape: TEXTS },
      }),
    ),
  },
  'build-fanout': {
    text: 'One build many times, each with its part of the tests.',
    shape: record({
      parallelism: { text: 'How many builds.', shape: INTEGER },
      'ignore-failure': { text: 'Whether the batch goes on when one fails.', shape: YES_OR_NO },
    }),
  },
};
