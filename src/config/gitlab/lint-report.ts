import type { Problem } from '../../base/problem.ts';
import { hasErrors } from '../../base/problem.ts';
import type { BuildJob, Job, Json } from '../../pipeline/index.ts';
import type { PipelineContext } from '../context.ts';
import { describePlanned as describePlannedJob } from '../describe-planned.ts';
import { printYaml } from '../document/index.ts';
import type { PipelineReading } from '../reading.ts';
import type { IncludedFile } from './include/expand-includes.ts';
import { createJsonLimit } from './json-limit.ts';
import { type Mask, maskJson, maskNode, maskOf } from './mask.ts';
import { expandNeeds } from './needs.ts';
import type { JobInstance } from './parallel.ts';
import type { ParsedJob, ParsedPolicy } from './parsed.ts';
import { policyOf } from './policy.ts';
import type { Seeding } from './seed.ts';

export interface LintRequest {
  readonly reading: PipelineReading;
  /** The pipeline file. */
  readonly file: string;
  readonly context: PipelineContext;
  /** Of the file alone: what the event comes to does not count. */
  readonly isStatic: boolean;
}

/**
 * What is right and wrong with a file as JSON, in the shape of GitLab's lint API (doc/api/lint.md: `valid`, `errors`,
 * `warnings`, `merged_yaml`, `includes`, `jobs`), and beside it what that shape has no place for: the event, what it
 * came to, whether the file is valid whatever the event, and each problem with its place and phase. Secrets are masked.
 *
 * @throws AppError `json-too-large`
 */
export function lintReport({ reading, file, context, isStatic }: LintRequest): Json {
  const { files } = reading;
  const problems = isStatic ? problemsOfFile(reading) : reading.problems;
  const ofEvent = new Set(reading.eventProblems);
  const texts = (severity: Problem['severity']): readonly string[] =>
    problems.flatMap((problem) => (problem.severity === severity ? problem.message : []));
  const report: Json = {
    language: reading.language,
    valid: !hasErrors(problems),
    errors: texts('error'),
    warnings: texts('warning'),
    merged_yaml: null,
    includes: (files?.includes ?? []).map((include) => describeInclude(include, context)),
    jobs: isStatic ? jobsOfFile(reading) : jobsOfPlan(reading),
    file,
    static_valid: !hasErrors(problemsOfFile(reading)),
    event: isStatic ? null : { source: context.source, ref: context.ref.name, kind: context.ref.kind },
    outcome: isStatic ? null : reading.outcome,
    problems: problems.map((problem) => ({
      severity: problem.severity,
      code: problem.code,
      phase: ofEvent.has(problem) ? 'event' : 'static',
      message: problem.message,
      place: problem.place === null ? null : { ...problem.place },
      excerpt: problem.excerpt,
      hint: problem.hint,
    })),
  };
  const mask = maskOf(context);
  const masked = maskJson(report, mask);
  return { ...objectOf(masked), merged_yaml: mergedYaml(reading, mask) };
}

/** What is wrong with the file for every event. */
export function problemsOfFile({ problems, eventProblems }: PipelineReading): readonly Problem[] {
  const ofEvent = new Set(eventProblems);
  return problems.filter((problem) => !ofEvent.has(problem));
}

function objectOf(json: Json): Readonly<Record<string, Json>> {
  return Object.fromEntries(Object.entries(json ?? {}));
}

/** As GitLab has it: `extends` and templates stay. null when include, extends or a reference is wrong. */
function mergedYaml({ files }: PipelineReading, mask: Mask): string | null {
  if (files === null || files.merged === null || !files.isMerged) return null;
  return `---\n${printYaml(maskNode(files.merged, mask))}`;
}

/**
 * `context_*` is the project and commit of the file that includes it. The addresses are there where the server is known
 * and the file is at a commit.
 */
function describeInclude(include: IncludedFile, { project, commit, server }: PipelineContext): Json {
  const { kind, location, fromProject } = include;
  const own = { path: project.path, ref: null, sha: commit.sha };
  const of = include.project ?? (kind === 'local' ? own : null);
  const path = kind === 'component' ? null : location.replace(/^\/+/, '');
  const address = (view: string): string | null =>
    of === null || of.sha === null || path === null || !isKnown(server.url, of.sha)
      ? null
      : `${server.url}/${of.path}/-/${view}/${of.sha}/${path.split('/').map(encodeURIComponent).join('/')}`;
  return {
    type: kind === 'project' ? 'file' : kind,
    location,
    blob: address('blob'),
    raw: kind === 'remote' ? location : address('raw'),
    extra: kind === 'project' && of !== null ? { project: of.path, ref: of.ref ?? 'HEAD' } : {},
    context_project: (fromProject ?? own).path,
    context_sha: (fromProject ?? own).sha,
  };
}

/** A repository that was never pushed has no server, and a folder that is none has no commit. */
function isKnown(server: string, sha: string): boolean {
  return server !== 'http://localhost' && !/^0+$/.test(sha);
}

/** All jobs there are, in the order of the stages; none when something is wrong with the file. */
function jobsOfFile(reading: PipelineReading): readonly Json[] {
  const { details } = reading;
  if (reading.language !== 'gitlab') return jobsOfPlan(reading);
  if (details === null || hasErrors(problemsOfFile(reading))) return [];
  const { seeding } = details;
  const byStage = Map.groupBy(seeding.index.byName.values(), ({ job }) => job.stage);
  const count = createJsonLimit();
  return seeding.index.stages.flatMap((stage) =>
    (byStage.get(stage) ?? []).map((instance) => {
      const described = describeWritten(instance, seeding);
      count(instance.name, described);
      return described;
    }),
  );
}

function describeWritten(instance: JobInstance, seeding: Seeding): Json {
  const { job, name } = instance;
  const when = job.when ?? 'on_success';
  const needs = job.needs === null ? null : expandNeeds(job.needs, instance, seeding.index).needs;
  return {
    name,
    stage: job.stage,
    before_script: job.build?.beforeScript ?? [],
    script: job.build?.script ?? [],
    after_script: job.build?.afterScript ?? [],
    tag_list: job.build?.tags ?? [],
    ...policies(job, seeding),
    environment: job.environment?.name ?? null,
    when,
    allow_failure: job.allowFailure ?? (job.allowFailureExitCodes.length === 0 && when === 'manual'),
    needs: describeNeeds(needs),
  };
}

/** The jobs of the pipeline that the event comes to. */
function jobsOfPlan(reading: PipelineReading): readonly Json[] {
  const { plan, details } = reading;
  const count = createJsonLimit();
  return (plan?.jobs ?? []).flatMap((job) => {
    if (reading.language !== 'gitlab' && job.kind === 'build') return jobOfOtherLanguage(job);
    const parsed = details?.seeding.index.byName.get(job.name)?.job;
    if (details === null || parsed === undefined) return [];
    const described = describePlanned(job, parsed, details.seeding);
    count(job.name, described);
    return described;
  });
}

function describePlanned(job: Job, parsed: ParsedJob, seeding: Seeding): Json {
  const build = job.kind === 'build' ? job : null;
  return {
    name: job.name,
    stage: job.stage,
    before_script: build?.beforeScript ?? [],
    script: build?.script ?? [],
    after_script: build?.afterScript ?? [],
    tag_list: build?.tags ?? [],
    ...policies(parsed, seeding),
    environment: parsed.environment?.name ?? null,
    when: job.when,
    allow_failure: job.allowFailure,
    needs: describeNeeds(job.needs),
  };
}

/** In the shape of GitLab's, with `command` where a job has no script. */
function jobOfOtherLanguage(job: BuildJob): Json {
  const described = describePlannedJob(job);
  return {
    name: job.name,
    stage: job.stage,
    before_script: [],
    script: job.script,
    command: described.command ?? null,
    after_script: [],
    tag_list: job.tags,
    only: null,
    except: null,
    environment: null,
    when: job.when,
    allow_failure: job.allowFailure,
    needs: describeNeeds(job.needs),
  };
}

function policies(job: ParsedJob, { config }: Seeding): { readonly only: Json; readonly except: Json } {
  const { only, except } = policyOf(job, config.workflow);
  return { only: describePolicy(only), except: describePolicy(except) };
}

function describePolicy(policy: ParsedPolicy | null): Json {
  if (policy === null) return null;
  return {
    ...(policy.refs === null ? {} : { refs: policy.refs }),
    ...(policy.variables === null ? {} : { variables: policy.variables }),
    ...(policy.changes === null ? {} : { changes: policy.changes }),
    ...(policy.kubernetes ? { kubernetes: 'active' } : {}),
  };
}

function describeNeeds(needs: Job['needs']): Json {
  return needs === null
    ? null
    : needs.map(({ job, artifacts, optional }) => ({ name: job, artifacts, optional }));
}
