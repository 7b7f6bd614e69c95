import type { Problem } from '../../../base/problem.ts';
import type { BuildJob } from '../../../pipeline/index.ts';
import type { PipelineContext } from '../../context.ts';
import { type MappingNode, problemAt } from '../../document/index.ts';
import type { Sources } from '../../sources.ts';
import { readBuildspecFile } from '../buildspec-file.ts';
import { createValueReader, type PlacedText } from '../buildspec-values.ts';
import { readBuild } from '../read-build.ts';
import type { Batch, BatchBuild } from './batch.ts';

export interface BatchRequest {
  readonly sources: Sources;
  readonly context: PipelineContext;
  /** The file that the batch is in. */
  readonly file: string;
  readonly root: MappingNode;
}

/** A build of a batch as a job, with where it and its phases are written. */
export interface BatchJob {
  readonly job: BuildJob;
  readonly node: MappingNode;
  readonly root: MappingNode;
}

/**
 * The jobs of a batch, each from its buildspec. A file is read once, however many builds have it; its own `batch` is not
 * looked at, as CodeBuild does it, and so no file leads to another.
 */
export async function batchJobs(
  { builds }: Batch,
  request: BatchRequest,
): Promise<{ readonly jobs: readonly BatchJob[]; readonly problems: readonly Problem[] }> {
  const problems: Problem[] = [];
  const plain = new Map<string, { readonly job: BuildJob; readonly root: MappingNode } | null>();
  const jobs: BatchJob[] = [];
  for (const build of builds) {
    const path = build.buildspec === null ? request.file : pathOf(build.buildspec, problems);
    if (path === null) continue;
    let found = plain.get(path);
    if (found === undefined) {
      found = await readPlain(path, build.buildspec, request, problems);
      plain.set(path, found);
    }
    if (found !== null) jobs.push({ job: jobOf(build, found.job), node: build.node, root: found.root });
  }
  return { jobs, problems };
}

async function readPlain(
  path: string,
  named: PlacedText | null,
  { sources, context, file, root: own }: BatchRequest,
  problems: Problem[],
): Promise<{ readonly job: BuildJob; readonly root: MappingNode } | null> {
  const { root, problems: found } =
    path === file
      ? { root: own, problems: [] }
      : await readBuildspecFile(sources, path, named?.node.span ?? null);
  problems.push(...found);
  if (root === null) return null;
  const read = createValueReader();
  const job = readBuild(root, context, read);
  problems.push(...read.problems);
  return { job, root };
}

/** From the root of the repository, which it must not leave. */
function pathOf({ text, node }: PlacedText, problems: Problem[]): string | null {
  const refused = (message: string, hint: string) => {
    problems.push(problemAt(node.span, { code: 'buildspec-not-read', message, hint }));
    return null;
  };
  if (text.startsWith('arn:')) return refused('A buildspec in S3 is not read', 'Keep it in the repository.');
  if (text.includes('\n')) {
    return refused('A buildspec is not read from its text', 'Write it to a file, and its path here.');
  }
  const parts: string[] = [];
  for (const part of text.split('/')) {
    if (part === '' || part === '.') continue;
    if (part !== '..') parts.push(part);
    else if (parts.pop() === undefined) {
      return refused(
        `${text} is outside of the repository`,
        'Its path starts at the root of the repository.',
      );
    }
  }
  return parts.join('/');
}

function jobOf(build: BatchBuild, plain: BuildJob): BuildJob {
  const { name, identifier, machine, ignoresFailure, dependsOn } = build;
  const { secretVariables = {}, ...job } = plain;
  const secrets = Object.entries(secretVariables).filter(
    ([variable]) => !Object.hasOwn(machine.variables, variable),
  );
  return {
    ...job,
    name,
    allowFailure: ignoresFailure,
    needs: dependsOn?.map((needed) => ({ job: needed, artifacts: false, optional: false })) ?? null,
    image: machine.image,
    variables: {
      ...job.variables,
      CODEBUILD_BATCH_BUILD_IDENTIFIER: { value: identifier, expand: false },
      ...machine.variables,
    },
    ...(secrets.length === 0 ? {} : { secretVariables: Object.fromEntries(secrets) }),
  };
}
