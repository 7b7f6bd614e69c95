import { ANY, type Fields, MAP, record, TEXT, TEXTS } from '../../fields/field.ts';
import { honoured, noDifference, notActedOn } from '../../gitlab/keywords/keyword.ts';
import { NOT_ACTED_ON } from './words.ts';

export const RUN_AS = honoured(
  'Where the job is root. Else its own user runs them, and the log says so. A user that is not there fails the phase.',
);

export const PHASE: Fields = {
  'run-as': {
    text: 'The user of Linux that runs the commands of this phase.',
    shape: TEXT,
    treatment: RUN_AS,
  },
  'on-failure': {
    text: 'What follows when a command fails: the build ends, goes on, or the phase is tried again, `RETRY-2` two times at most.',
    shape: {
      type: 'word',
      words: ['ABORT', 'CONTINUE', 'RETRY'],
      also: '^[rR][eE][tT][rR][yY]-',
    },
    treatment: honoured('`RETRY-…-regex` looks for it in what the command said, and in its failure.'),
  },
  commands: { text: 'What is run, one command after the other, until one fails.', shape: TEXTS },
  finally: { text: 'What is run after the commands, also when one has failed.', shape: TEXTS },
  steps: {
    text: 'Steps of another service.',
    shape: ANY,
    treatment: notActedOn('They are not run.', NOT_ACTED_ON),
  },
};

export const INSTALL: Fields = {
  ...PHASE,
  'runtime-versions': {
    text: 'Versions of languages, by their names, of which the standard images have several.',
    shape: MAP,
    treatment: noDifference('The image, or the machine, has the versions that it has.'),
  },
};

export const PHASE_FIELDS: Fields = {
  install: { text: 'Brings what the build needs.', shape: record(INSTALL) },
  pre_build: { text: 'Comes before the build, for example a login.', shape: record(PHASE) },
  build: { text: 'The build and its tests.', shape: record(PHASE) },
  post_build: {
    text: 'Comes after the build, also after one that failed: `CODEBUILD_BUILD_SUCCEEDING` is 0 then.',
    shape: record(PHASE),
  },
};
