import type { BuildJob, Json, SecretReference, Variables } from '../../pipeline/index.ts';
import type { Remark } from './conversion.ts';
import { jobArtifacts, jobCaches, WORKSPACE_TEMPLATE, withoutNull } from './job-outputs.ts';
import { jobScript } from './job-script.ts';
import { remarksOnMachine } from './machine.ts';
import { partsOf, withValues, withVariables, writtenParts } from './reference.ts';
import { unsaid } from './unsaid.ts';

export interface JobPlace {
  /** What the job is called in the new file. */
  readonly name: string;
  /** Of its needs those that say something, with the names of the new file; null: it waits for earlier stages. */
  readonly needs: readonly Json[] | null;
  /** Later jobs go on with its working copy. */
  readonly handsOn: boolean;
  /** In which pipelines it is; null: in those of branches and tags, as every job without rules. */
  readonly rules: Json;
}

/** A job as the keys of a `.gitlab-ci.yml`. What is not the same there is added to `remarks`. */
export function convertJob(
  job: BuildJob,
  place: JobPlace,
  remarks: Remark[],
): Readonly<Record<string, Json>> {
  remarks.push(...unsaid(job), ...remarksOnMachine(job), ...remarksOnSecrets(job), ...remarksOnVolumes(job));
  return withoutNull({
    extends: place.handsOn ? WORKSPACE_TEMPLATE : null,
    stage: job.stage,
    rules: place.rules,
    image: imageOf(job),
    needs: place.needs,
    when: job.when === 'on_success' ? null : job.when,
    allow_failure: allowFailure(job),
    timeout: job.timeoutSeconds === null ? null : timeoutText(job.timeoutSeconds),
    variables: variablesOf(job, remarks),
    cache: jobCaches(job, remarks),
    script: jobScript(job, remarks),
    artifacts: jobArtifacts(job, place.handsOn, remarks),
  });
}

/** `1h 30m` */
function timeoutText(seconds: number): string {
  const parts = [
    [Math.floor(seconds / 3_600), 'h'],
    [Math.floor((seconds % 3_600) / 60), 'm'],
    [seconds % 60, 's'],
  ] as const;
  return parts.flatMap(([count, unit]) => (count === 0 ? [] : [`${count}${unit}`])).join(' ');
}

/** The image's own program would be run in place of the shell that the script needs. */
function imageOf({ image, command }: BuildJob): Json {
  if (image === null) return null;
  const name = withVariables(image.name) ?? withValues(image.name);
  const entrypoint = command === undefined ? image.entrypoint : [''];
  if (entrypoint === null && image.platform === null) return name;
  return withoutNull({
    name,
    entrypoint,
    docker: image.platform === null ? null : { platform: image.platform },
  });
}

/** A manual job may fail unless it says otherwise. */
function allowFailure({ allowFailure: allowed, allowFailureExitCodes: codes, when }: BuildJob): Json {
  if (codes.length > 0) return { exit_codes: codes.length === 1 ? (codes[0] ?? null) : codes };
  return allowed === (when === 'manual') ? null : allowed;
}

/** The places that a shared workspace gives a job are not there in GitLab. */
const PLACES: ReadonlySet<string> = new Set(['HOME', 'BUILDER_OUTPUT']);

function variablesOf(job: BuildJob, remarks: Remark[]): Json {
  const shared = job.sharedWorkspace !== undefined;
  const kept = Object.entries(job.variables).filter(([name]) => !shared || !PLACES.has(name));
  if (shared) remarks.push(...remarksOnOutput(job));
  const variables = Object.entries(Object.fromEntries(kept) satisfies Variables).map(
    ([name, { value, expand }]): readonly [string, Json] => {
      const references = expand ? writtenParts(partsOf(value)) : withVariables(value);
      if (references !== null) return [name, references];
      if (withValues(value) !== value) {
        const text = `${name} has a $ of its own beside a value of this event, which stays as it is.`;
        remarks.push({ job: job.name, key: 'variables', kind: 'dropped', text });
      }
      return [name, { value: withValues(value), expand: false }];
    },
  );
  return variables.length === 0 ? null : Object.fromEntries(variables);
}

function remarksOnOutput({ name, command }: BuildJob): readonly Remark[] {
  if (!(command?.arguments ?? []).some((text) => text.includes('BUILDER_OUTPUT'))) return [];
  const text = 'What it writes to $BUILDER_OUTPUT is not kept: there is no such folder.';
  return [{ job: name, key: 'script', kind: 'dropped', text }];
}

function remarksOnVolumes({ name, volumes = [] }: BuildJob): readonly Remark[] {
  return volumes
    .filter((volume) => !volume.path.startsWith('/builder/'))
    .map(({ name: volume, path }) => ({
      job: name,
      key: 'volumes',
      kind: 'dropped',
      text: `The volume ${volume} at ${path} is not there: what jobs write to it is not carried from one to the other, as artifacts can be read by everybody who sees the jobs.`,
    }));
}

function remarksOnSecrets({ name, secretVariables = {} }: BuildJob): readonly Remark[] {
  return Object.entries(secretVariables).map(([variable, reference]) => ({
    job: name,
    key: 'secret_variables',
    kind: 'dropped',
    text: `${variable} is ${secretText(reference)}: set it as a masked CI/CD variable of the project.`,
  }));
}

function secretText({ store, name, jsonKey, version, versionStage }: SecretReference): string {
  const further = [
    jsonKey === null ? '' : `key ${jsonKey}`,
    version === null ? '' : `version ${version}`,
    versionStage === null ? '' : versionStage,
  ].filter((text) => text !== '');
  const where = {
    'aws-parameter-store': 'in the Parameter Store of AWS',
    'aws-secrets-manager': 'in the Secrets Manager of AWS',
    'google-secret-manager': 'in the Secret Manager of Google',
    'google-kms': 'encrypted in the file with a key of Google',
  }[store];
  return `the secret ${[name, ...further].join(', ')} ${where}`;
}
