import { expandVariables } from '../../base/expand-variables.ts';
import { type ContextVariable, jobVariables, type PipelineContext } from '../../config/index.ts';
import type { BridgeJob, PlayVariables } from '../../pipeline/index.ts';
import type { JobVariable } from '../../protocol/index.ts';
import { dotenvOf } from '../fetched-jobs.ts';
import type { PipelineScope } from '../pipeline-request.ts';

/** The variables of a bridge, by which what it hands on and where it leads are expanded. */
export type BridgeVariables = ReadonlyMap<string, JobVariable>;

/** By name, the highest precedence having won; those of dotenv reports of the jobs it needs are among them. */
export function bridgeVariables(scope: PipelineScope, job: BridgeJob): BridgeVariables {
  return variablesOfBridge(scope.request, job, dotenvOf(scope, job));
}

type Dotenv = ReturnType<typeof dotenvOf>;

/** The same for a bridge that does not run: `dotenv` is what the jobs it needs have reported. */
export function variablesOfBridge(
  { plan, context }: Pick<PipelineScope['request'], 'plan' | 'context'>,
  job: BridgeJob,
  dotenv: Dotenv,
): BridgeVariables {
  const variables = jobVariables(plan, job, context, {
    jobId: 0,
    pipelineId: context.pipeline.id,
    token: null,
    startedAt: context.pipeline.createdAt,
    timeoutSeconds: 0,
    dotenv: dotenv.map(({ key, value }) => [key, value]),
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
  scope: PipelineScope,
  job: BridgeJob,
  variables: BridgeVariables,
  played: PlayVariables,
): Readonly<Record<string, ContextVariable>> {
  const down = handedDown(scope.request.context, job, variables, dotenvOf(scope, job));
  for (const [key, value] of Object.entries(played)) {
    down[key] = { value, expand: false, masked: false, file: false };
  }
  return down;
}

/** The same without what a person gives. */
export function handedDown(
  context: PipelineContext,
  job: BridgeJob,
  variables: BridgeVariables,
  dotenv: Dotenv,
): Record<string, ContextVariable> {
  const { forward } = job.trigger;
  const down: Record<string, ContextVariable> = {};
  if (forward.yamlVariables) handDown(down, Object.entries(job.variables), variables);
  if (forward.pipelineVariables) {
    const reported = dotenv.map(({ key, value }) => [key, { value, expand: true }] as const);
    handDown(down, reported, variables);
    handDown(down, Object.entries(context.pipelineVariables), variables);
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
