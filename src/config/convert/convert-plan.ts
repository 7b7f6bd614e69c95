import type { BuildJob, Json, Plan } from '../../pipeline/index.ts';
import { ROOT_SETTINGS } from '../gitlab/entries/defaults.ts';
import { type Mask, maskJson } from '../gitlab/mask.ts';
import type { Conversion, Remark } from './conversion.ts';
import { convertJob } from './convert-job.ts';
import { WORKSPACE_ARTIFACTS, WORKSPACE_TEMPLATE, withoutNull } from './job-outputs.ts';
import { minimalNeeds } from './minimal-needs.ts';
import { printPipeline } from './print-pipeline.ts';

export interface PlanToConvert {
  readonly plan: Plan;
  /** The plan's jobs, with references (see `refer.ts`); what was said about them is in `remarks`. */
  readonly jobs: readonly BuildJob[];
  readonly remarks: readonly Remark[];
  /** Where it comes from, for the first line of the file: `cloudbuild.yaml (Google Cloud Build)`. */
  readonly origin: string;
  /** The plan is one for a merge request. */
  readonly isMergeRequest: boolean;
  /** Hides secrets that were given for the event. */
  readonly mask: Mask;
}

/**
 * A `.gitlab-ci.yml` that plans the same jobs: names, order, scripts, images, variables, artifacts, time limits.
 *
 * A working copy that jobs share is handed on as artifacts: each job that others go on from keeps all of it, and each
 * takes it from those that it has to wait for.
 */
export function convertPlan(request: PlanToConvert): Conversion {
  const { plan, jobs, isMergeRequest } = request;
  const remarks: Remark[] = [...request.remarks];
  const names = namesOf(jobs, remarks);
  const needs = minimalNeeds(jobs);
  const handsOn = handingOn(jobs, needs);
  const converted = jobs.map((job): readonly [string, Json] => {
    const name = names.get(job.name) ?? job.name;
    const keys = convertJob(
      job,
      {
        name,
        needs: job.needs === null ? null : needsOf(job, needs.get(job.name) ?? [], names, handsOn),
        handsOn: handsOn.has(job.name),
        rules: isMergeRequest ? MERGE_REQUEST_RULES : null,
      },
      remarks,
    );
    return [name, keys];
  });
  remarks.unshift(...remarksOnPipeline(jobs, needs, handsOn, isMergeRequest));
  const settings = withoutNull({
    workflow: workflowOf(plan),
    stages: plan.stages,
    variables: rootVariables(plan),
    [WORKSPACE_TEMPLATE]: handsOn.size === 0 ? null : { artifacts: WORKSPACE_ARTIFACTS },
  });
  const told = remarks.map((remark) => ({ ...remark, text: request.mask(remark.text) }));
  const text = printPipeline({
    origin: request.origin,
    settings,
    jobs: new Map(converted.map(([name, keys]) => [name, maskJson(keys, request.mask)])),
    remarks: told,
    names,
  });
  return { text, remarks: told };
}

const MERGE_REQUEST_RULES: Json = [{ if: '$CI_PIPELINE_SOURCE == "merge_request_event"' }];

function workflowOf(plan: Plan): Json {
  const cancel = plan.autoCancel.onJobFailure === 'all' ? { on_job_failure: 'all' } : null;
  const workflow = withoutNull({ name: plan.name, auto_cancel: cancel });
  return Object.keys(workflow).length === 0 ? null : workflow;
}

function rootVariables({ variables }: Plan): Json {
  const entries = Object.entries(variables).map(([name, { value, expand }]): readonly [string, Json] => [
    name,
    expand ? value : { value, expand },
  ]);
  return entries.length === 0 ? null : Object.fromEntries(entries);
}

/** Names that GitLab takes for something else than a job get another one. */
function namesOf(jobs: readonly BuildJob[], remarks: Remark[]): ReadonlyMap<string, string> {
  const taken = new Set(jobs.map(({ name }) => name));
  return new Map(
    jobs.map(({ name }, index) => {
      if (isJobName(name)) return [name, name];
      const wanted = `step ${name.trim() === '' ? index : name}`.slice(0, MAX_NAME - 10);
      let given = wanted;
      for (let count = 2; taken.has(given); count++) given = `${wanted} (${count})`;
      taken.add(given);
      const text = `It is called \`${given}\`: GitLab takes \`${name}\` for no job, or for one of its own.`;
      remarks.push({ job: name, key: 'name', kind: 'changed', text });
      return [name, given];
    }),
  );
}

function isJobName(name: string): boolean {
  return !name.startsWith('.') && !NO_JOBS.has(name) && name.length <= MAX_NAME && name.trim() !== '';
}

const NO_JOBS: ReadonlySet<string> = new Set([
  ...ROOT_SETTINGS,
  'pages',
  'spec',
  'true',
  'false',
  'nil',
  'types',
  // A merge, in quotes as well.
  '<<',
]);
const MAX_NAME = 255;

/** The jobs whose working copies others go on with. */
function handingOn(
  jobs: readonly BuildJob[],
  needs: ReadonlyMap<string, readonly string[]>,
): ReadonlySet<string> {
  const workspaces = new Map(jobs.map(({ name, sharedWorkspace }) => [name, sharedWorkspace?.name]));
  return new Set(
    jobs.flatMap(({ name, sharedWorkspace }) =>
      sharedWorkspace === undefined
        ? []
        : (needs.get(name) ?? []).filter((needed) => workspaces.get(needed) === sharedWorkspace.name),
    ),
  );
}

function needsOf(
  job: BuildJob,
  minimal: readonly string[],
  names: ReadonlyMap<string, string>,
  handsOn: ReadonlySet<string>,
): readonly Json[] {
  const artifacts = new Set((job.needs ?? []).flatMap((need) => (need.artifacts ? [need.job] : [])));
  return minimal.map((name): Json => {
    const given = names.get(name) ?? name;
    return artifacts.has(name) || handsOn.has(name) ? given : { job: given, artifacts: false };
  });
}

/** The most `needs` of a job that gitlab.com takes. */
const MAX_NEEDS = 50;

function remarksOnPipeline(
  jobs: readonly BuildJob[],
  needs: ReadonlyMap<string, readonly string[]>,
  handsOn: ReadonlySet<string>,
  isMergeRequest: boolean,
): readonly Remark[] {
  const remarks: Remark[] = [];
  const say = (key: string, kind: Remark['kind'], text: string): void => {
    remarks.push({ job: null, key, kind, text });
  };
  say(
    'rules',
    'changed',
    isMergeRequest
      ? 'Its jobs are in pipelines of merge requests only.'
      : 'Its jobs are in pipelines of branches and tags; those of merge requests need `rules`.',
  );
  if (jobs.some(({ image }) => image === null))
    say(
      'image',
      'changed',
      'Jobs without an image run in the one that the runner has: name one under `default`.',
    );
  if (handsOn.size > 0)
    say(
      'workspace',
      'changed',
      'The files of a step reach later ones as artifacts: a file that a step deletes is there again if it is committed, and empty folders are not kept.',
    );
  if (jobs.filter(({ sharedWorkspace }) => sharedWorkspace !== undefined).length > 1)
    say('HOME', 'changed', 'Each job has the home folder of its image; steps had one together.');
  for (const job of jobs) {
    const direct = needs.get(job.name) ?? [];
    const from = direct.filter((name) => handsOn.has(name));
    if (from.length > 1 && job.sharedWorkspace !== undefined)
      remarks.push({
        job: job.name,
        key: 'workspace',
        kind: 'changed',
        text: `It takes the files of ${from.length} jobs: where two of them have the same file, one wins, changed or not.`,
      });
    if (direct.length > MAX_NEEDS)
      remarks.push({
        job: job.name,
        key: 'needs',
        kind: 'dropped',
        text: `It has ${direct.length} needs; gitlab.com takes ${MAX_NEEDS}, another server what its administrator allows.`,
      });
  }
  return remarks;
}
