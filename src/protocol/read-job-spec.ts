import type { JobImage, JobService, JobSpec, JobVariable } from './job-spec.ts';

/**
 * A job's description out of JSON that was written from one, in parts: what makes its environment. What it was to do
 * there (scripts, caches, artifacts) is left out, because it is done.
 * @throws TypeError for anything else, with the key that is wrong.
 */
export function readJobEnvironment(value: unknown): JobSpec {
  const job = record(value, 'job');
  const git = record(job.git, 'git');
  return {
    id: number(job.id, 'id'),
    name: text(job.name, 'name'),
    stage: text(job.stage, 'stage'),
    pipelineId: number(job.pipelineId, 'pipelineId'),
    projectPath: text(job.projectPath, 'projectPath'),
    git: {
      sha: text(git.sha, 'git.sha'),
      ref: text(git.ref, 'git.ref'),
      refKind: git.refKind === 'tag' ? 'tag' : 'branch',
    },
    variables: list(job.variables, 'variables').map(readVariable),
    image: job.image === null ? null : readImage(job.image),
    services: list(job.services, 'services').map(readService),
    timeoutSeconds: number(job.timeoutSeconds, 'timeoutSeconds'),
    preGetSourcesScript: [],
    script: [],
    afterScript: [],
    caches: [],
    artifacts: [],
    dependencies: [],
    environment: null,
  };
}

function readVariable(value: unknown): JobVariable {
  const { key, value: content, file, masked, raw } = record(value, 'variables');
  return {
    key: text(key, 'variables.key'),
    value: text(content, 'variables.value'),
    file: file === true,
    masked: masked === true,
    raw: raw === true,
  };
}

function readImage(value: unknown): JobImage {
  const image = record(value, 'image');
  return {
    name: text(image.name, 'image.name'),
    entrypoint: orNull(image.entrypoint, 'image.entrypoint', texts),
    pullPolicy: list(image.pullPolicy, 'image.pullPolicy').map(readPullPolicy),
    platform: orNull(image.platform, 'image.platform', text),
    user: orNull(image.user, 'image.user', text),
  };
}

function readService(value: unknown): JobService {
  const service = record(value, 'services');
  return {
    ...readImage(value),
    aliases: texts(service.aliases, 'services.aliases'),
    command: orNull(service.command, 'services.command', texts),
    variables: list(service.variables, 'services.variables').map(readVariable),
  };
}

function readPullPolicy(value: unknown): JobImage['pullPolicy'][number] {
  if (value === 'always' || value === 'if-not-present' || value === 'never') return value;
  throw new TypeError('pullPolicy: not a policy');
}

function record(value: unknown, key: string): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null) throw new TypeError(`${key}: not an object`);
  return Object.fromEntries(Object.entries(value));
}

function list(value: unknown, key: string): readonly unknown[] {
  if (!Array.isArray(value)) throw new TypeError(`${key}: not a list`);
  return value;
}

function texts(value: unknown, key: string): readonly string[] {
  return list(value, key).map((item) => text(item, key));
}

function text(value: unknown, key: string): string {
  if (typeof value !== 'string') throw new TypeError(`${key}: not a text`);
  return value;
}

function number(value: unknown, key: string): number {
  if (typeof value !== 'number') throw new TypeError(`${key}: not a number`);
  return value;
}

function orNull<T>(value: unknown, key: string, read: (value: unknown, key: string) => T): T | null {
  return value === null ? null : read(value, key);
}
