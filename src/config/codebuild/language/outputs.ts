import { type Fields, named, TEXT, TEXTS, word } from '../../fields/field.ts';
import { honoured, noDifference } from '../../gitlab/keywords/keyword.ts';
import { YES_OR_NO } from './words.ts';

/** How one archive holds what is several of them, or has other names. */
const LAID_OUT =
  'Files are laid out in `.codebuild/artifacts`, a folder for each artifact, and that is kept.';

const FILES: Fields = {
  files: { text: 'Files, from the base directory; `**/*` is all of them.', shape: TEXTS },
  'base-directory': {
    text: 'The folder that the files are looked for in.',
    shape: TEXT,
    treatment: honoured('It stays a part of the names where files are not laid out anew.'),
  },
};

export const SECONDARY_ARTIFACT: Fields = {
  ...FILES,
  files: {
    text: 'Files, from the base directory; `**/*` is all of them.',
    shape: TEXTS,
    treatment: honoured('A build whose artifact has no files fails.'),
  },
  'discard-paths': {
    text: 'Whether files lose their folders.',
    shape: YES_OR_NO,
    treatment: honoured(LAID_OUT),
  },
  name: {
    text: 'The name of the archive, which may have commands in it.',
    shape: TEXT,
    treatment: honoured('One with a command, and that of a secondary artifact, is the name of a folder.'),
  },
  'exclude-paths': { text: 'Files that are left out.', shape: TEXTS },
  'enable-symlinks': {
    text: 'Whether links are kept as links.',
    shape: YES_OR_NO,
    treatment: honoured('Where files are not laid out anew, links are always kept.'),
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
    treatment: honoured(LAID_OUT),
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
  'discard-paths': {
    text: 'Whether files lose their folders.',
    shape: YES_OR_NO,
    treatment: noDifference('Files are read where they are.'),
  },
  'file-format': {
    text: 'What the files are; JUnit unless said otherwise.',
    shape: word(...REPORT_FORMATS),
    treatment: honoured(
      'Tests of every format are counted, and kept as reports, as Cobertura and JaCoCo are; files of Clover and SimpleCov are kept as artifacts.',
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
  key: {
    text: 'The name of the cache.',
    shape: TEXT,
    treatment: honoured(
      '`$(codebuild-hash-files FILE)` at its end is the digest of a file or two; other commands are not run, with a warning.',
    ),
  },
  'fallback-keys': {
    text: 'Names of caches to take when there is none of that name; five at most.',
    shape: TEXTS,
    treatment: honoured('They are whole names, where CodeBuild takes them for the start of some.'),
  },
  action: { text: 'Whether the cache is only restored or only saved.', shape: word('restore', 'save') },
};
