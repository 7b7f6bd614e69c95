import { BOOLEAN, DURATION, type Fields, INTEGER, listOf, record, TEXT, TEXTS } from '../../fields/field.ts';
import { honoured } from '../../gitlab/keywords/keyword.ts';

/** A folder that outlives a step. */
export const VOLUME: Fields = {
  name: { text: 'The name by which steps share the volume.', shape: TEXT, required: true },
  path: { text: 'Where it stands in the container, as an absolute path.', shape: TEXT, required: true },
};

/** What one step does and how it is run. */
export const STEP: Fields = {
  name: {
    text: 'The container image that the step runs in. `slipway.yml` can map it to another image or to a program of this machine.',
    shape: TEXT,
    required: true,
    substituted: true,
  },
  args: {
    text: "What the image's entrypoint, or `entrypoint`, is given.",
    shape: TEXTS,
    substituted: true,
    treatment: honoured('Without a shell, word for word.'),
  },
  entrypoint: {
    text: 'The program that is run instead of the one the image has.',
    shape: TEXT,
    substituted: true,
  },
  script: {
    text: 'A script that is run in the image, by the program of its first line `#!…` or by `/bin/sh`. Nothing in it is replaced; neither `args` nor `entrypoint` may stand beside it.',
    shape: TEXT,
  },
  env: { text: 'Variables of the step, each as `NAME=VALUE`.', shape: TEXTS, substituted: true },
  secretEnv: {
    text: 'The secret variables that the step sees, by the names that `availableSecrets` gives them.',
    shape: TEXTS,
    treatment: honoured('Values come from the secrets of the project.'),
  },
  dir: {
    text: 'The folder that the step starts in, from `/workspace` or absolute.',
    shape: TEXT,
    substituted: true,
  },
  id: { text: 'The name of the step, for `waitFor`.', shape: TEXT },
  waitFor: {
    text: 'The steps that must have succeeded before this one starts, by `id`; `-` waits for nothing. Without it the step waits for all that stand before it.',
    shape: TEXTS,
  },
  timeout: { text: 'How long the step may take, in seconds with an `s` behind.', shape: DURATION },
  volumes: {
    text: 'Folders that steps share beside the workspace. Each must be used by two steps or more.',
    shape: listOf(record(VOLUME)),
  },
  allowFailure: { text: 'Whether the build goes on when the step fails.', shape: BOOLEAN },
  allowExitCodes: {
    text: 'The exit codes with which the step may fail. They count more than `allowFailure`.',
    shape: listOf(INTEGER),
  },
  automapSubstitutions: {
    text: 'Whether the step gets all substitutions as variables. It counts more than the one in `options`.',
    shape: BOOLEAN,
  },
};
