import { expandVariables } from '../base/expand-variables.ts';
import { type ContextVariable, jobVariables, type PipelineContext } from '../config/index.ts';
import type { BridgeJob, Plan, PlayVariables } from '../pipeline/index.ts';
import type { JobVariable } from '../protocol/index.ts';

/** The pipeline that a bridge is in. */
export interface UpstreamPipeline {
  readonly plan: Plan;
  readonly context: PipelineContext;
}

/** What jobs have reported for later ones, in the order of the plan, so that later ones win. */
export type Dotenv = readonly (readonly [key: string, value: string])[];

/** The variables of a bridge, by which what it hands on and where it leads are expanded. */
export type BridgeVariables = ReadonlyMap<string, JobVariable>;

/** By name, the highest precedence having won. `dotenv`: what the jobs have reported that the bridge needs. */
export function variablesOfBridge(
  { plan, context }: UpstreamPipeline,
  job: BridgeJob,
  dotenv: Dotenv,
): BridgeVariables {
  const variables = jobVariables(plan, job, context, {
    jobId: 0,
    pipelineId: context.pipeline.id,
    token: null,
    startedAt: context.pipeline.createdAt,
    timeoutSeconds: 0,
    dotenv,
  });
  return new Map(variables.map((variable) => [variable.key, variable]));
}

/** References put in once, those to nothing dropped. */
export function expandForBridge(text: string, variables: BridgeVariables): string {
  return expandVariables(text, (name) => variables.get(name)?.value ?? null, 'empty');
}

/**
 * What goes down to a downstream pipeline, where it beats all that the file there says. Low to high: the bridge's YAML
 * variables, dotenv variables, and those that this pipeline was given, the latter two only if the bridge forwards them
 * (lib/gitlab/ci/variables/downstream/generator.rb); then what a person gave when playing the bridge.
 */
export function downstreamVariables(
  context: PipelineContext,
  job: BridgeJob,
  given: { readonly variables: BridgeVariables; readonly dotenv: Dotenv; readonly played: PlayVariables },
): Readonly<Record<string, ContextVariable>> {
  const { variables, dotenv, played } = given;
  const { forward } = job.trigger;
  const down: Record<string, ContextVariable> = {};
  if (forward.yamlVariables) handDown(down, Object.entries(job.variables), variables);
  if (forward.pipelineVariables) {
    const reported = dotenv.map(([key, value]) => [key, { value, expand: true }] as const);
    handDown(down, reported, variables);
    handDown(down, Object.entries(context.pipelineVariables), variables);
  }
  for (const [key, value] of Object.entries(played)) {
    down[key] = { value, expand: false, masked: false, file: false };
  }
  return down;
}

type Handed = Pick<ContextVariable, 'value' | 'expand'> & Partial<ContextVariable>;

/**
 * A reference to a file variable stays one, and the file goes down with it. What a masked variable was put into is
 * masked too, although GitLab does not do that: the log of a person's own machine keeps their secrets.
 */
function handDown(
  down: Record<string, ContextVariable>,
  given: readonly (readonly [string, Handed])[],
  variables: BridgeVariables,
): void {
  for (const [key, { value, expand, masked = false, file = false }] of given) {
    if (!expand) {
      down[key] = { value, expand, masked, file };
      continue;
    }
    let isSecret = masked;
    const files: JobVariable[] = [];
    const text = value.replace(REFERENCE, (reference: string) => {
      const variable = variables.get(reference.replaceAll(/\W/g, ''));
      if (variable?.file === true) {
        files.push(variable);
        return reference;
      }
      isSecret ||= variable?.masked === true;
      return variable?.value ?? '';
    });
    down[key] = { value: text, expand, masked: isSecret, file };
    for (const found of files) {
      down[found.key] = { value: found.value, expand: !found.raw, masked: found.masked, file: true };
    }
  }
}

const REFERENCE = /\$[a-zA-Z_]\w*|\$\{[a-zA-Z_]\w*\}|%[a-zA-Z_]\w*%/g;
