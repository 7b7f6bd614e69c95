import type { BuildJob } from '../../pipeline/index.ts';
import { type MappingNode, problemAt } from '../document/index.ts';
import { mapBuilder } from '../settings/map-builder.ts';
import { mappingIn, mappingsIn, type PlacedText, textIn, textsIn, valueIn } from './language/values.ts';
import { type BuildParts, PLAIN_JOB, WORKSPACE } from './parts.ts';
import { imageNamed } from './step-job.ts';
import { free } from './step-names.ts';
import { HOME } from './volumes.ts';
import { need } from './wait-for.ts';

/** The image that pushes, as the service's own builder. */
const DOCKER = 'gcr.io/cloud-builders/docker';

/** What is done when all steps have succeeded: images are pushed, files are kept. */
export function finalJobs(
  build: MappingNode,
  steps: readonly BuildJob[],
  parts: BuildParts,
): readonly BuildJob[] {
  const taken = new Set(steps.map(({ name }) => name));
  const base = {
    ...PLAIN_JOB,
    needs: steps.map(({ name }) => need(name)),
    variables: { HOME: { value: HOME.path, expand: false } },
    timeoutSeconds: parts.timeoutSeconds,
    sharedWorkspace: { ...WORKSPACE, folder: '.' },
    volumes: [HOME],
  };
  const images = imagesOf(build, parts);
  const paths = [...new Set([...objectPaths(build, parts), ...packagePaths(build, parts)])];
  const jobs: BuildJob[] = [];
  if (images.length > 0) jobs.push({ ...base, ...pushJob(images, parts), name: free('push images', taken) });
  if (paths.length > 0) jobs.push({ ...base, ...uploadJob(paths), name: free('upload artifacts', taken) });
  return jobs;
}

function pushJob(images: readonly string[], { settings }: BuildParts): Partial<BuildJob> {
  const mapped = mapBuilder(DOCKER, settings.builders);
  const program = mapped?.kind === 'command' ? mapped.program : 'docker';
  const manual = settings.cloudbuild.push === 'manual';
  return {
    when: manual ? 'manual' : 'on_success',
    allowFailure: manual,
    image:
      mapped?.kind === 'command'
        ? null
        : { ...imageNamed(mapped?.kind === 'image' ? mapped.name : DOCKER), entrypoint: [''] },
    script: images.map((image) => `${quoted(program)} push ${quoted(image)}`),
  };
}

function uploadJob(paths: readonly string[]): Partial<BuildJob> {
  return {
    script: ["echo 'The files are kept as artifacts of this job; nothing is uploaded.'"],
    artifacts: {
      name: null,
      paths,
      exclude: [],
      untracked: false,
      when: 'on_success',
      expireIn: null,
      exposeAs: null,
      access: 'all',
      reports: {},
    },
  };
}

/** `images` at the root and in `artifacts` are the same; the service refuses two different lists. */
function imagesOf(build: MappingNode, { substitutions, problems }: BuildParts): readonly string[] {
  const root = textsIn(build, 'images').map(substitutions.expand);
  const inner = textsIn(mappingIn(build, 'artifacts'), 'images');
  const other = inner.map(substitutions.expand);
  const node = inner[0]?.node;
  if (root.length > 0 && node !== undefined && root.join('\n') !== other.join('\n'))
    problems.push(
      problemAt(node.span, {
        code: 'cloudbuild-images',
        message: 'images and artifacts.images should not be two different lists',
      }),
    );
  return [...new Set([...root, ...other])].filter((image) => image !== '');
}

function objectPaths(build: MappingNode, { substitutions, problems }: BuildParts): readonly string[] {
  const objects = mappingIn(mappingIn(build, 'artifacts'), 'objects');
  const location = textIn(objects, 'location');
  const where = location === null ? null : substitutions.expand(location);
  if (location !== null && where !== null && !/^gs:\/\/.|^$/.test(where))
    problems.push(
      problemAt(location.node.span, {
        code: 'cloudbuild-wrong-value',
        message: 'artifacts.objects.location should start with gs://',
      }),
    );
  if (objects !== null && valueIn(objects, 'paths') !== null && textsIn(objects, 'paths').length === 0)
    problems.push(
      problemAt(objects.span, {
        code: 'cloudbuild-field-missing',
        message: 'artifacts.objects has no paths',
      }),
    );
  return inWorkspace(textsIn(objects, 'paths'), substitutions);
}

/** What would go to Artifact Registry, but modules of Go, which are the source. */
function packagePaths(build: MappingNode, { substitutions }: BuildParts): readonly string[] {
  const artifacts = mappingIn(build, 'artifacts');
  const written = [
    ...mappingsIn(artifacts, 'mavenArtifacts').flatMap((one) => textIn(one, 'path') ?? []),
    ...mappingsIn(artifacts, 'pythonPackages').flatMap((one) => textsIn(one, 'paths')),
    ...mappingsIn(artifacts, 'npmPackages').flatMap((one) => textIn(one, 'packagePath') ?? []),
  ];
  return inWorkspace(written, substitutions);
}

function inWorkspace(
  written: readonly PlacedText[],
  substitutions: BuildParts['substitutions'],
): readonly string[] {
  return written
    .map((path) =>
      substitutions
        .expand(path)
        .replace(/^\/workspace\/+/, '')
        .replace(/^\.\//, ''),
    )
    .filter((path) => path !== '');
}

/** For a shell, as one word. */
function quoted(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
