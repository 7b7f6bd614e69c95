import { type Command, InvalidArgumentError, Option } from 'commander';
import type { PipelineSource } from '../config/index.ts';

/** Which file, which project and which event: what every command takes that looks at a pipeline. */
export interface PipelineOptions extends ValueOptions {
  readonly file?: string;
  readonly repository?: string;
  readonly source: PipelineSource | 'tag';
  readonly ref?: string;
  readonly target?: string;
}

/** What is given to a pipeline from outside. */
export interface ValueOptions {
  readonly var: readonly string[];
  readonly varFile: readonly string[];
  readonly input: readonly string[];
  /** `group/name=FOLDER` */
  readonly project: readonly string[];
  readonly server?: string;
  readonly allowHost: readonly string[];
  readonly refresh?: boolean;
  readonly offline?: boolean;
}

export function addPipelineOptions(command: Command): Command {
  const withEvent = addFileOptions(command)
    .addOption(
      new Option('-s, --source <EVENT>', 'the event to run for: what CI_PIPELINE_SOURCE says')
        .choices(EVENTS)
        .default('push'),
    )
    .option(
      '--ref <NAME>',
      'run as for this branch or tag; the files stay those checked out (default: what is checked out)',
    )
    .option('--target <BRANCH>', 'the branch that a merge request goes to (default: the default branch)');
  return addValueOptions(withEvent);
}

export function addValueOptions(command: Command): Command {
  return command
    .option(
      '--var <K=V>',
      'a pipeline variable, or a substitution of Cloud Build (_K=V); `--var K` takes its value from the environment',
      collect,
      [],
    )
    .option('--var-file <FILE>', 'pipeline variables from lines of K=V, or from a .json file', collect, [])
    .option('--input <K=V>', 'a value for spec:inputs; JSON where it is JSON, else text', collect, [])
    .option(
      '--project <PATH=FOLDER>',
      'the folder of another project, as in group/name=../name: for what is included from it, and triggered there',
      collect,
      [],
    )
    .option('--server <URL>', 'where other projects are (default: where the remote `origin` is)')
    .option('--allow-host <NAME>', 'includes may be fetched from this host in your own network', collect, [])
    .option('--refresh', 'ask again what is included, and renew .slipway/includes.lock')
    .option('--offline', 'fetch nothing: includes are what earlier runs have kept');
}

export function addFileOptions(command: Command): Command {
  return command
    .option(
      '-f, --file <FILE>',
      'the pipeline file, from the top of the repository (default: .gitlab-ci.yml, buildspec.yml or cloudbuild.yaml, the first that is there)',
    )
    .option('-C, --repository <FOLDER>', 'the repository, or a folder in it (default: the current folder)');
}

export function collect(value: string, previous: readonly string[]): readonly string[] {
  return [...previous, value];
}

/** For options that take a whole number from 1. */
export function positiveInteger(value: string): number {
  if (!/^[1-9]\d{0,8}$/.test(value)) throw new InvalidArgumentError('It must be a whole number from 1.');
  return Number(value);
}

/**
 * The list that `config` has, written again: loading `config` for it would cost every `--help` and `--version` the
 * time. The compiler sees to it that none is missing.
 */
const SOURCES = {
  push: true,
  web: true,
  schedule: true,
  api: true,
  trigger: true,
  pipeline: true,
  parent_pipeline: true,
  merge_request_event: true,
  external_pull_request_event: true,
  webide: true,
  chat: true,
  external: true,
  ondemand_dast_scan: true,
  ondemand_dast_validation: true,
  security_orchestration_policy: true,
} satisfies Record<PipelineSource, true>;

/** What `--source` takes. */
export const EVENTS: readonly (PipelineSource | 'tag')[] = [...sourceNames(), 'tag'];

function sourceNames(): readonly PipelineSource[] {
  const isSource = (name: string): name is PipelineSource => Object.hasOwn(SOURCES, name);
  return Object.keys(SOURCES).filter(isSource);
}
