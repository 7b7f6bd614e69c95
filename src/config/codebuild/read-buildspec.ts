import { hasErrors, type Problem } from '../../base/problem.ts';
import type { BuildJob, Plan } from '../../pipeline/index.ts';
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
import type { Sources } from '../sources.ts';
import { createValueReader, type ValueReader, valueIn } from './buildspec-values.ts';
import { BATCH } from './language/batch.ts';
import { BUILDSPEC, PROXY } from './language/buildspec.ts';
import { phasesScript } from './phases-script.ts';
import { codebuildVariables, readEnvironment } from './read-environment.ts';
import { readArtifacts, readCaches } from './read-outputs.ts';
import { readPhases, warnOfUser } from './read-phases.ts';

export interface BuildspecRequest {
  readonly sources: Sources;
  /** The buildspec, from the root of the repository. */
  readonly file: string;
  readonly context: PipelineContext;
}

/** The one job that a build is. */
export const BUILD_JOB = 'build';

/**
 * Reads a buildspec of AWS CodeBuild, version 0.1 or 0.2, and makes its plan: one job, whose script is made of the
 * phases. Nothing is run; all that is wrong is in the problems, with its place.
 */
export async function readBuildspec(request: BuildspecRequest): Promise<PipelineReading> {
  const { sources, file, context } = request;
  const read = await sources.readFile(file);
  if (read.kind !== 'text') return unread(file, read.kind);
  const source: SourceText = { name: file, text: read.text };
  const { documents, problems: syntax } = parseDocuments(source, { afterBackslash: true });
  const [root, second] = documents;
  const problems: Problem[] = [...syntax];
  if (second !== undefined) {
    problems.push(
      problemAt(second.span, { code: 'buildspec-wrong-value', message: 'A buildspec is one document' }),
    );
  }
  if (root?.kind !== 'mapping') {
    if (!hasErrors(problems)) problems.push(noMapping(root ?? null, source));
    return reading(null, problems, null);
  }
  const values = createValueReader();
  const job = buildJob(root, context, values);
  problems.push(...values.problems);
  const plan: Plan = {
    version: 1,
    name: null,
    stages: [BUILD_JOB],
    jobs: [job],
    variables: {},
    autoCancel: { onNewCommit: 'conservative', onJobFailure: 'none' },
  };
  return reading(hasErrors(problems) ? null : plan, problems, root);
}

function buildJob(root: MappingNode, context: PipelineContext, read: ValueReader): BuildJob {
  read.known(root, 'A buildspec', BUILDSPEC);
  const version = readVersion(root, read);
  const user = read.text(root, 'run-as');
  if (user !== null) warnOfUser(user, read);
  warnOfUnacted(root, read);
  const { shell, variables, secrets, exported } = readEnvironment(root, version, read);
  const phases = readPhases(root, read);
  return {
    kind: 'build',
    name: BUILD_JOB,
    stage: BUILD_JOB,
    when: 'on_success',
    startInSeconds: null,
    allowFailure: false,
    allowFailureExitCodes: [],
    interruptible: false,
    needs: null,
    variables: { ...codebuildVariables(context), ...variables },
    resourceGroup: null,
    environment: null,
    manualConfirmation: null,
    parallel: null,
    beforeScript: null,
    script: [phasesScript({ version, shell, phases, exported })],
    afterScript: null,
    preGetSourcesScript: null,
    tags: [],
    image: null,
    services: [],
    caches: readCaches(root, read),
    artifacts: readArtifacts(root, exported, read),
    dependencies: null,
    outsideNeeds: [],
    retry: null,
    timeoutSeconds: null,
    coverage: null,
    carried: {},
    ...(Object.keys(secrets).length === 0 ? {} : { secretVariables: secrets }),
  };
}

function readVersion(root: MappingNode, read: ValueReader): '0.1' | '0.2' {
  const version = read.text(root, 'version');
  if (version === null) {
    read.error(root, 'A buildspec needs a version', 'Write `version: 0.2` in its first line.');
    return '0.2';
  }
  if (version.text === '0.1' || version.text === '0.2') return version.text;
  read.error(version.node, 'version should be 0.1 or 0.2');
  return '0.2';
}

function warnOfUnacted(root: MappingNode, read: ValueReader): void {
  const proxy = read.mapping(root, 'proxy');
  read.known(proxy, 'proxy', PROXY);
  if (proxy !== null) read.notActedOn(proxy, 'proxy: nothing is uploaded from here');
  const batch = read.mapping(root, 'batch');
  if (batch === null) return;
  read.known(batch, 'batch', BATCH);
  read.notActedOn(
    batch,
    'batch is not acted on: the file is run as one build, as CodeBuild does it for a build that is no batch',
  );
}

function reading(plan: Plan | null, problems: readonly Problem[], root: MappingNode | null): PipelineReading {
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
      if (root === null || jobName !== BUILD_JOB) return null;
      const key = PLACES[keyword] ?? keyword;
      return placeOf(root.entries.get(key)?.key.span ?? valueIn(root, 'phases')?.span ?? root.span);
    },
  };
}

/** Where in a buildspec what a job has is written. */
const PLACES: Readonly<Record<string, string>> = {
  script: 'phases',
  variables: 'env',
  secret_variables: 'env',
};

function noMapping(root: Node | null, file: SourceText): Problem {
  return problemAt(root?.span ?? { file, start: 0, end: 0 }, {
    code: 'buildspec-wrong-value',
    message: 'A buildspec should be a mapping with a version and phases',
  });
}

function unread(file: string, kind: 'absent' | 'too-large' | 'not-utf8'): PipelineReading {
  const why = {
    absent: 'there is none',
    'too-large': 'it is too large',
    'not-utf8': 'it is no text in UTF-8',
  }[kind];
  const source: SourceText = { name: file, text: '' };
  const message = `The buildspec ${file} cannot be read: ${why}`;
  return reading(
    null,
    [problemAt({ file: source, start: 0, end: 0 }, { code: 'buildspec-not-read', message })],
    null,
  );
}
