import { type Fields, listOf, record, TEXT, TEXTS } from '../../fields/field.ts';
import { honoured, notActedOn } from '../../gitlab/keywords/keyword.ts';

const KEPT = notActedOn(
  'Nothing is uploaded to Artifact Registry; the files are kept as artifacts of the job `upload artifacts`.',
);
const REPOSITORY = {
  text: 'The address of the repository in Artifact Registry.',
  shape: TEXT,
  substituted: true,
} as const;

/** `artifacts`: what the build leaves behind. */
export const ARTIFACTS: Fields = {
  images: { text: 'As `images` at the root.', shape: TEXTS, substituted: true },
  objects: {
    text: 'Files of the workspace that are kept when all steps have succeeded.',
    shape: record({
      location: {
        text: 'The bucket they are uploaded to, as `gs://BUCKET/PATH`.',
        shape: TEXT,
        required: true,
        substituted: true,
        treatment: notActedOn(
          'Nothing is uploaded; the files are kept as artifacts of the job `upload artifacts`.',
        ),
      },
      paths: { text: 'The files, as patterns.', shape: TEXTS, required: true, substituted: true },
    }),
    treatment: honoured('The files are artifacts of a last job, `upload artifacts`.'),
  },
  mavenArtifacts: {
    text: 'Java archives that are uploaded.',
    shape: listOf(
      record({
        repository: REPOSITORY,
        path: { text: 'The archive, in the workspace.', shape: TEXT, substituted: true },
        artifactId: { text: 'The `artifactId` it is given.', shape: TEXT, substituted: true },
        groupId: { text: 'The `groupId` it is given.', shape: TEXT, substituted: true },
        version: { text: 'The version it is given.', shape: TEXT, substituted: true },
      }),
    ),
    treatment: KEPT,
  },
  pythonPackages: {
    text: 'Python packages that are uploaded.',
    shape: listOf(
      record({
        repository: REPOSITORY,
        paths: { text: 'The packages, as patterns.', shape: TEXTS, substituted: true },
      }),
    ),
    treatment: KEPT,
  },
  npmPackages: {
    text: 'npm packages that are uploaded.',
    shape: listOf(
      record({
        repository: REPOSITORY,
        packagePath: { text: 'The folder of the `package.json`.', shape: TEXT, substituted: true },
      }),
    ),
    treatment: KEPT,
  },
  goModules: {
    text: 'Go modules that are uploaded.',
    shape: listOf(
      record({
        repositoryName: { text: 'The repository, by name.', shape: TEXT, substituted: true },
        repositoryLocation: { text: 'Where the repository is.', shape: TEXT, substituted: true },
        repositoryProjectId: { text: 'The project that has the repository.', shape: TEXT, substituted: true },
        sourcePath: { text: 'The folder of the `go.mod`.', shape: TEXT, substituted: true },
        modulePath: { text: 'The path of the module.', shape: TEXT, substituted: true },
        moduleVersion: { text: 'The version it is given.', shape: TEXT, substituted: true },
      }),
    ),
    treatment: notActedOn('Nothing is uploaded to Artifact Registry.'),
  },
};
