import { hasErrors, type Problem } from '../../base/problem.ts';
import type { Plan } from '../../pipeline/index.ts';
import type { PipelineContext } from '../context.ts';
import {
  type MappingNode,
  type Node,
  parseDocuments,
  placeOf,
  problemAt,
  type SourceText,
} from '../document/index.ts';
import type { PipelineReading } from '../reading.ts';
import { readSettings } from '../settings/read-settings.ts';
import type { Sources } from '../sources.ts';
import { expandOthers } from './expand-others.ts';
import { filledIn } from './filled-in.ts';
import { finalJobs } from './final-jobs.ts';
import { checkBuild } from './language/check.ts';
import { fieldName } from './language/find.ts';
import { STEP } from './language/step.ts';
import { mappingIn, mappingsIn, secondsIn, valueIn } from './language/values.ts';
import { warnOfUnacted } from './not-acted-on.ts';
import { type BuildParts, STAGE } from './parts.ts';
import { readSecrets } from './secrets.ts';
import { mapsSubstitutions, stepJob } from './step-job.ts';
import { nameSteps } from './step-names.ts';
import { buildSubstitutions } from './substitutions.ts';
import { readVolumes } from './volumes.ts';

export interface CloudbuildRequest {
  readonly sources: Sources;
  /** The build file, from the root of the repository. */
  readonly file: string;
  readonly context: PipelineContext;
}

/** The service's limits. */
const MAX_STEPS = 300;
const DEFAULT_TIMEOUT = 3_600;
const MAX_TIMEOUT = 86_400;

/**
 * Reads a build file of Google Cloud Build, `cloudbuild.yaml` or `.json`, and makes its plan: a job for each step, all of
 * which share `/workspace`, and last ones for images and files that the build leaves behind. Nothing is run; all that is
 * wrong is in the problems, with its place.
 */
export async function readCloudBuild(request: CloudbuildRequest): Promise<PipelineReading> {
  const { sources, file, context } = request;
  const read = await sources.readFile(file);
  if (read.kind !== 'text') return unread(file, read.kind);
  const source: SourceText = { name: file, text: read.text };
  const { documents, problems: syntax } = parseDocuments(source);
  const problems: Problem[] = [...syntax];
  const [document, second] = documents;
  if (second !== undefined) problems.push(secondDocument(second));
  if (document?.kind !== 'mapping') {
    if (!hasErrors(problems)) problems.push(noBuild(document ?? null, source));
    return reading(null, problems, new Map());
  }
  const { settings, problems: settingsProblems } = await readSettings(sources);
  problems.push(...settingsProblems);

  const build = checkBuild(document, problems);
  warnOfUnacted(build, problems);
  const steps = mappingsIn(build, 'steps');
  checkCount(build, steps, problems);
  const substitutions = buildSubstitutions({ build, context, settings, file, problems });
  const parts: BuildParts = {
    settings,
    substitutions,
    secrets: readSecrets(build, substitutions, problems),
    volumes: readVolumes(build, problems),
    timeoutSeconds: buildTimeout(build, problems),
    problems,
  };
  const names = nameSteps(steps, problems);
  const options = mappingIn(build, 'options');
  const jobs = steps.slice(0, MAX_STEPS).map((step, index) => {
    const name = names[index] ?? '';
    return stepJob({ step, index, name, earlier: names.slice(0, index), options }, parts);
  });
  const last = finalJobs(build, jobs, parts);
  expandOthers(build, substitutions);
  parts.secrets.checkUnused();
  parts.volumes.checkShared();
  substitutions.checkUnused(steps.some((step) => mapsSubstitutions(step, options)));

  const plan: Plan = {
    version: 1,
    name: null,
    stages: [STAGE],
    jobs: [...jobs, ...last],
    variables: {},
    // A step that fails ends the build, also those that run beside it.
    autoCancel: { onNewCommit: 'conservative', onJobFailure: 'all' },
  };
  const places = new Map<string, MappingNode>();
  for (const [index, step] of steps.entries()) places.set(names[index] ?? '', step);
  for (const { name } of last) places.set(name, build);
  return {
    ...reading(hasErrors(problems) ? null : plan, problems, places),
    filledIn: () => filledIn(build, substitutions),
  };
}

function reading(
  plan: Plan | null,
  problems: readonly Problem[],
  places: ReadonlyMap<string, MappingNode>,
): PipelineReading {
  return {
    language: 'cloudbuild',
    outcome: plan === null ? 'invalid' : 'created',
    plan,
    problems,
    eventProblems: [],
    files: null,
    details: null,
    filledIn: null,
    explain: async () => null,
    placeOf(jobName, keyword) {
      const node = places.get(jobName);
      if (node === undefined) return null;
      const entry = node.entries.get(fieldName(keyword, STEP) ?? keyword);
      return placeOf(entry?.key.span ?? node.span);
    },
  };
}

function unread(file: string, kind: 'absent' | 'too-large' | 'not-utf8'): PipelineReading {
  const why = {
    absent: 'there is none',
    'too-large': 'it is too large',
    'not-utf8': 'it is no text in UTF-8',
  }[kind];
  const source: SourceText = { name: file, text: '' };
  const problem = problemAt(
    { file: source, start: 0, end: 0 },
    { code: 'cloudbuild-not-read', message: `The build file ${file} cannot be read: ${why}` },
  );
  return reading(null, [problem], new Map());
}

function noBuild(document: Node | null, file: SourceText): Problem {
  return problemAt(document?.span ?? { file, start: 0, end: 0 }, {
    code: 'cloudbuild-wrong-value',
    message: 'A build file should be a mapping of fields',
    hint: 'The least it can be is `steps: [{name: IMAGE}]`.',
  });
}

function secondDocument(document: Node): Problem {
  return problemAt(document.span, {
    code: 'cloudbuild-wrong-value',
    message: 'A build file has one document',
    hint: 'Write a file for each build.',
  });
}

function checkCount(build: MappingNode, steps: readonly MappingNode[], problems: Problem[]): void {
  const node = valueIn(build, 'steps');
  if (node === null) return;
  if (node.kind === 'sequence' && node.items.length === 0)
    problems.push(
      problemAt(node.span, { code: 'cloudbuild-field-missing', message: 'The build has no steps' }),
    );
  if (steps.length > MAX_STEPS)
    problems.push(
      problemAt(steps[MAX_STEPS]?.span ?? node.span, {
        code: 'cloudbuild-too-many',
        message: `A build has ${MAX_STEPS} steps at most, and this one has ${steps.length}`,
      }),
    );
}

function buildTimeout(build: MappingNode, problems: Problem[]): number {
  const seconds = secondsIn(build, 'timeout');
  const node = valueIn(build, 'timeout');
  if (seconds === null || seconds === 0 || node === null) return DEFAULT_TIMEOUT;
  if (seconds > MAX_TIMEOUT)
    problems.push(
      problemAt(node.span, {
        code: 'cloudbuild-timeout',
        message: `A build may take ${MAX_TIMEOUT}s at most`,
      }),
    );
  return seconds;
}
