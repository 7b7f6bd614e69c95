import { type Fields, named, TEXT, TEXTS, word } from '../../fields/field.ts';
import { honoured, noDifference, notActedOn } from '../../gitlab/keywords/keyword.ts';
import { NOT_ACTED_ON, YES_OR_NO } from './words.ts';

const FILES: Fields = {
  files: { text: 'Files, from the base directory; `**/*` is all of them.', shape: TEXTS },
  'base-directory': {
    text: 'The folder that the files are looked for in.',
    shape: TEXT,
    treatment: honoured('It stays a part of the names.'),
  },
  'discard-paths': {
    text: 'Whether files lose their folders.',
    shape: YES_OR_NO,
    treatment: notActedOn('Files keep their folders in the archive.', NOT_ACTED_ON),
  },
};

export const SECONDARY_ARTIFACT: Fields = {
  ...FILES,
  name: {
    text: 'The name of the archive.',
    shape: TEXT,
    treatment: honoured('A name with a command in it is left out.'),
  },
  'exclude-paths': { text: 'Files that are left out.', shape: TEXTS },
  'enable-symlinks': {
    text: 'Whether links are kept as links.',
    shape: YES_OR_NO,
    treatment: noDifference('Links are kept.'),
  },
  's3-prefix': {
    text: 'Where in the bucket the files go.',
    shape: TEXT,
    treatment: noDifference('Nothing is uploaded to S3.'),
  },
};

export const ARTIFACTS: Fields = {
  ...SECONDARY_ARTIFACT,
  'secondary-artifacts': {
    text: 'Further archives, by the names that the project of CodeBuild has for them.',
    shape: named(SECONDARY_ARTIFACT),
    treatment: notActedOn('Their files are in the one archive that a job has.', NOT_ACTED_ON),
  },
};

export const REPORT_FORMATS = [
  'JUNITXML',
  'CUCUMBERJSON',
  'TESTNGXML',
  'NUNITXML',
  'NUNIT3XML',
  'VISUALSTUDIOTRX',
  'CLOVERXML',
  'COBERTURAXML',
  'JACOCOXML',
  'SIMPLECOV',
] as const;

export const REPORT: Fields = {
  ...FILES,
  'file-format': {
    text: 'What the files are; JUnit unless said otherwise.',
    shape: word(...REPORT_FORMATS),
    treatment: honoured(
      'JUnit, Cobertura and JaCoCo are read; files of other formats are kept as artifacts.',
    ),
  },
};

export const REPORTS = named(REPORT);

export const CACHE: Fields = {
  paths: {
    text: 'Folders and files that are kept for later builds.',
    shape: TEXTS,
    treatment: honoured('Those outside of the source folder are left out, with a warning.'),
  },
  key: { text: 'The name of the cache.', shape: TEXT },
  'fallback-keys': { text: 'Names of caches to take when there is none of that name.', shape: TEXTS },
  action: { text: 'Whether the cache is only restored or only saved.', shape: word('restore', 'save') },
};
