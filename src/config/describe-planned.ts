import type { Artifacts, BuildJob, Image, Json, SecretReference, Variables } from '../pipeline/index.ts';

/**
 * A job of a plan as JSON, with the names that describePipeline gives them: for languages whose jobs are no more than
 * what the plan says. Nothing is masked.
 */
export function describePlanned(job: BuildJob): Readonly<Record<string, Json>> {
  const { command, sharedWorkspace, volumes = [], secretVariables = {} } = job;
  return {
    kind: job.kind,
    stage: job.stage,
    when: job.when,
    allow_failure: job.allowFailure,
    allow_failure_exit_codes: job.allowFailureExitCodes.length === 0 ? null : job.allowFailureExitCodes,
    scheduling: job.needs === null ? 'stage' : 'dag',
    needs: job.needs === null ? null : job.needs.map((need) => need.job),
    needs_artifacts:
      job.needs === null ? null : Object.fromEntries(job.needs.map((need) => [need.job, need.artifacts])),
    variables: values(job.variables),
    instance: job.parallel?.index ?? null,
    parallel_total: job.parallel?.total ?? null,
    script: job.script,
    command:
      command === undefined ? null : { program: command.program, arguments: command.arguments ?? null },
    image: job.image?.name ?? null,
    image_entrypoint: entrypointOf(job.image),
    artifacts: job.artifacts === null ? null : describeArtifacts(job.artifacts),
    timeout_seconds: job.timeoutSeconds,
    shared_workspace: sharedWorkspace === undefined ? null : { ...sharedWorkspace },
    volumes: volumes.map(({ name, path }) => ({ name, path })),
    secret_variables: Object.fromEntries(
      Object.entries(secretVariables).map(([name, reference]) => [name, describeSecret(reference)]),
    ),
  };
}

function entrypointOf(image: Image | null): Json {
  return image?.entrypoint ?? null;
}

function describeArtifacts(artifacts: Artifacts): Json {
  return {
    name: artifacts.name,
    paths: artifacts.paths,
    exclude: artifacts.exclude,
    when: artifacts.when,
    reports: artifacts.reports,
  };
}

/** Where it is kept; what it is nobody knows before the job starts. */
function describeSecret({ store, name, jsonKey, version }: SecretReference): Json {
  return { store, name, json_key: jsonKey, version };
}

function values(variables: Variables): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(variables).map(([name, { value }]) => [name, value]));
}
