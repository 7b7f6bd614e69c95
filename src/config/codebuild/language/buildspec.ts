import { type Fields, record, TEXT, word } from '../../fields/field.ts';
import { honoured, notActedOn } from '../../gitlab/keywords/keyword.ts';
import { BATCH } from './batch.ts';
import { ENVIRONMENT, OLD_ENVIRONMENT } from './environment.ts';
import { ARTIFACTS, CACHE, REPORTS } from './outputs.ts';
import { PHASE_FIELDS, RUN_AS } from './phases.ts';
import { NOT_ACTED_ON, YES_OR_NO } from './words.ts';

export const PROXY: Fields = {
  'upload-artifacts': { text: 'Whether artifacts are uploaded through it.', shape: YES_OR_NO },
  logs: { text: 'Whether logs are sent through it.', shape: YES_OR_NO },
};

/** A buildspec, from its root on. */
export const BUILDSPEC: Fields = {
  version: {
    text: 'The version of the language. In 0.2 all commands share one shell, in 0.1 each has one of its own.',
    shape: word('0.2', '0.1'),
    required: true,
  },
  'run-as': {
    text: 'The user of Linux that runs the commands.',
    shape: TEXT,
    treatment: RUN_AS,
  },
  env: { text: 'The shell and the variables of the build.', shape: record(ENVIRONMENT) },
  environment_variables: { text: 'Variables in version 0.1.', shape: record(OLD_ENVIRONMENT) },
  proxy: {
    text: 'What goes through a proxy server of your own.',
    shape: record(PROXY),
    treatment: notActedOn('Nothing is uploaded from here.', NOT_ACTED_ON),
  },
  batch: {
    text: 'The builds that a batch build is made of: one of `build-list`, `build-matrix`, `build-graph` and `build-fanout`.',
    shape: record(BATCH),
    treatment: honoured(
      'A job for each build. With `codebuild: {batch: false}` in `slipway.yml` the file is run as one build.',
    ),
  },
  phases: {
    text: 'What is run, in this order: `install`, `pre_build`, `build`, `post_build`. Only a file with a `batch` can be without, when each build of it has its own buildspec.',
    shape: record(PHASE_FIELDS),
  },
  reports: {
    text: 'Groups of reports about tests and coverage, by their names or ARNs.',
    shape: REPORTS,
  },
  artifacts: {
    text: 'What is kept of the build.',
    shape: record(ARTIFACTS),
    treatment: honoured('Kept as the artifacts of the job, also when the build fails.'),
  },
  cache: { text: 'Folders that later builds find again.', shape: record(CACHE) },
};
