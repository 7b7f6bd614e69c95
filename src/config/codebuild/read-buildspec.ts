import { hasErrors, type Problem } from '../../base/problem.ts';
import type { Plan } from '../../pipeline/index.ts';
import type { PipelineContext } from '../context.ts';
import { type MappingNode, type Node, placeOf, type Span } from '../document/index.ts';
import type { PipelineReading } from '../reading.ts';
import { readSettings } from '../settings/read-settings.ts';
import type { Sources } from '../sources.ts';
import type { Batch } from './batch/batch.ts';
import { type BatchJob, batchJobs } from './batch/batch-jobs.ts';
import { readBatch } from './batch/read-batch.ts';
import { readBuildspecFile } from './buildspec-file.ts';
import { createValueReader, type ValueReader, valueIn } from './buildspec-values.ts';
import { BUILD_JOB, checkHead, readBuild } from './read-build.ts';

export interface BuildspecRequest {
  readonly sources: Sources;
  /** The buildspec, from the root of the repository. */
  readonly file: string;
  readonly context: PipelineContext;
}

/**
 * Reads a buildspec of AWS CodeBuild, version 0.1 or 0.2, and makes its plan: one job, whose script is made of the
 * phases, or with `batch` a job for each of its builds. Nothing is run; all that is wrong is in the problems, with its
 * place.
 */
export async function readBuildspec(request: BuildspecRequest): Promise<PipelineReading> {
  const { sources, file } = request;
  const { root, problems: syntax } = await readBuildspecFile(sources, file, null);
  if (root === null) return reading(null, syntax, null, []);
  const batch = valueIn(root, 'batch');
  const found = batch === null ? oneBuild(root, request) : await batchOrOneBuild(batch, root, request);
  const { jobs, failsFast } = found;
  const problems = [...syntax, ...found.problems];
  const plan: Plan = {
    version: 1,
    name: null,
    stages: [BUILD_JOB],
    jobs: jobs.map(({ job }) => job),
    variables: {},
    autoCancel: { onNewCommit: 'conservative', onJobFailure: failsFast ? 'all' : 'none' },
  };
  return reading(hasErrors(problems) ? null : plan, problems, root, jobs);
}

interface Builds {
  readonly jobs: readonly BatchJob[];
  readonly failsFast: boolean;
  readonly problems: readonly Problem[];
}

function oneBuild(root: MappingNode, { context }: BuildspecRequest): Builds {
  const read = createValueReader();
  const job = readBuild(root, context, read);
  return { jobs: [{ job, node: root, root }], failsFast: false, problems: read.problems };
}

/** CodeBuild is told by who starts a build whether it is a batch; here a file that has one is one. */
async function batchOrOneBuild(node: Node, root: MappingNode, request: BuildspecRequest): Promise<Builds> {
  const { settings, problems: ofSettings } = await readSettings(request.sources);
  if (!settings.codebuild.batch) {
    const build = oneBuild(root, request);
    return { ...build, problems: [...ofSettings, ...build.problems] };
  }
  const read = createValueReader();
  if (node.kind !== 'mapping') read.error(node, 'batch should be a mapping');
  const { builders } = settings;
  const batch = node.kind === 'mapping' ? readBatch(node, { read, builders }) : NO_BATCH;
  const { jobs, problems } = await batchJobs(batch, { ...request, root });
  if (!jobs.some((job) => job.root === root)) checkUnused(root, request, read);
  return {
    jobs,
    failsFast: batch.failsFast,
    problems: [...ofSettings, ...read.problems, ...problems],
  };
}

const NO_BATCH: Batch = { failsFast: false, builds: [] };

/** The file of a batch whose builds all have files of their own needs no phases. */
function checkUnused(root: MappingNode, { context }: BuildspecRequest, read: ValueReader): void {
  if (valueIn(root, 'phases') !== null) readBuild(root, context, read);
  else checkHead(root, read);
}

function reading(
  plan: Plan | null,
  problems: readonly Problem[],
  root: MappingNode | null,
  jobs: readonly BatchJob[],
): PipelineReading {
  const byName = new Map(jobs.map((one) => [one.job.name, one]));
  return {
    language: 'codebuild',
    outcome: plan === null ? 'invalid' : 'created',
    plan,
    problems,
    eventProblems: [],
    files: null,
    details: null,
    filledIn: root === null ? null : () => root,
    explain: async () => null,
    placeOf(jobName, keyword) {
      const found = byName.get(jobName);
      return found === undefined ? null : placeOf(spanOf(found, keyword));
    },
  };
}

/** What the build says of itself in the batch, or else what its buildspec says. */
function spanOf({ node, root }: BatchJob, keyword: string): Span {
  const own = node === root ? undefined : node.entries.get(IN_BATCH[keyword] ?? keyword);
  if (own !== undefined) return own.key.span;
  if (node !== root && (keyword === 'name' || Object.hasOwn(IN_BATCH, keyword))) return node.span;
  const key = IN_FILE[keyword] ?? keyword;
  return root.entries.get(key)?.key.span ?? valueIn(root, 'phases')?.span ?? root.span;
}

/** Where in a build of a batch what a job has is written. */
const IN_BATCH: Readonly<Record<string, string>> = {
  name: 'identifier',
  needs: 'depend-on',
  needs_artifacts: 'depend-on',
  allow_failure: 'ignore-failure',
  image: 'env',
};

/** Where in a buildspec what a job has is written. */
const IN_FILE: Readonly<Record<string, string>> = {
  script: 'phases',
  variables: 'env',
  secret_variables: 'env',
};
