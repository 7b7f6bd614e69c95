/**
 * A Plan is a resolved pipeline before it runs: plain JSON, versioned, the same whichever language it came from.
 * Nothing after `config` looks at a pipeline file again.
 */
export interface Plan {
  readonly version: 1;
  /** `workflow:name` after expansion; null when unset or blank. */
  readonly name: string | null;
  /** The stages that have jobs, in the order they run. */
  readonly stages: readonly string[];
  /** In the order of their stages, within a stage in the order of the file. Names are unique. */
  readonly jobs: readonly Job[];
  /** Root variables with those of the matching workflow rule over them, unexpanded. */
  readonly variables: Variables;
  readonly autoCancel: AutoCancel;
}

export type Job = BuildJob | BridgeJob;

/** What every job has, whether a runner executes it or it starts another pipeline. */
export interface JobBase {
  readonly name: string;
  readonly stage: string;
  readonly when: JobWhen;
  /** Set exactly when `when` is `delayed`. */
  readonly startInSeconds: number | null;
  readonly allowFailure: boolean;
  /** Exit codes that turn a failure into an allowed one although `allowFailure` is false. */
  readonly allowFailureExitCodes: readonly number[];
  readonly interruptible: boolean;
  /** The jobs this one waits for; null when it waits for all earlier stages instead. */
  readonly needs: readonly Need[] | null;
  /** YAML-level variables (root < workflow rule < job < matrix < rule), unexpanded. */
  readonly variables: Variables;
  readonly resourceGroup: string | null;
  readonly environment: Environment | null;
  readonly manualConfirmation: string | null;
  /** Which instance of a `parallel` job this is, counting from 1; null for a job that is not parallel. */
  readonly parallel: { readonly index: number; readonly total: number } | null;
}

export interface BuildJob extends JobBase {
  readonly kind: 'build';
  readonly beforeScript: readonly string[] | null;
  readonly script: readonly string[];
  readonly afterScript: readonly string[] | null;
  readonly preGetSourcesScript: readonly string[] | null;
  readonly tags: readonly string[];
  readonly image: Image | null;
  readonly services: readonly Service[];
  readonly caches: readonly Cache[];
  readonly artifacts: Artifacts | null;
  /** Jobs whose artifacts are fetched; null means the default (needed jobs, or all of earlier stages). */
  readonly dependencies: readonly string[] | null;
  /** Jobs of other pipelines whose artifacts are fetched. */
  readonly outsideNeeds: readonly OutsideNeed[];
  readonly retry: Retry | null;
  readonly timeoutSeconds: number | null;
  /** The RE2 pattern without its slashes. */
  readonly coverage: string | null;
  /** Keywords that are carried as they are, as JSON: `run`, and what no part of Slipway acts on yet (release, pages, secrets, …). */
  readonly carried: Readonly<Record<string, Json>>;
  /** Run instead of a script, which is empty then; absent: the script is run. */
  readonly command?: ImageCommand;
  /** Absent: the job has a working copy of its own. */
  readonly sharedWorkspace?: SharedWorkspace;
  /** Folders of the pipeline that this job sees; absent: none. */
  readonly volumes?: readonly Volume[];
  /** Variables whose values are looked up when the job starts, by the variable's name; they are masked. Absent: none. */
  readonly secretVariables?: Readonly<Record<string, SecretReference>>;
}

/** A program that is run without a shell: the image needs none. Nothing in it is expanded. */
export interface ImageCommand {
  /** null: the image's own entrypoint. */
  readonly program: string | null;
  /** null: those that the image has for its entrypoint; none when there is a `program`. */
  readonly arguments: readonly string[] | null;
}

/** One working copy for several jobs of a pipeline: what one writes, the others see at once. */
export interface SharedWorkspace {
  /** Jobs with the same name share. */
  readonly name: string;
  /** Where the working copy stands for the job, such as `/workspace`. */
  readonly path: string;
  /** Where the command or script starts: from `path`, or absolute. */
  readonly folder: string;
}

/** Empty when the pipeline begins, and gone when it is over. */
export interface Volume {
  /** Jobs of the pipeline that name the same volume see the same files. */
  readonly name: string;
  /** Absolute. */
  readonly path: string;
}

/** Where a secret is kept. The project's own secrets are asked first, by `name`. */
export interface SecretReference {
  readonly store: 'aws-parameter-store' | 'aws-secrets-manager' | 'google-secret-manager' | 'google-kms';
  /** As the store calls it: a parameter's name, a secret's id or resource name. */
  readonly name: string;
  /** The one value to take out of a secret that is a JSON object; null: the whole secret. */
  readonly jsonKey: string | null;
  /** null: the store's current one. */
  readonly version: string | null;
  /** A label of versions (AWSCURRENT, AWSPREVIOUS); null: none given. */
  readonly versionStage: string | null;
}

/** A job of a pipeline that is there already. Its texts may hold variables. */
export type OutsideNeed =
  /** Of the same project, by the pipeline's number. */
  | {
      readonly kind: 'pipeline';
      readonly pipeline: string;
      readonly job: string;
      /** Without it the job runs all the same. */
      readonly optional: boolean;
    }
  | { readonly kind: 'project'; readonly project: string; readonly ref: string; readonly job: string };

export interface BridgeJob extends JobBase {
  readonly kind: 'bridge';
  readonly trigger: Trigger;
}

export type JobWhen = 'on_success' | 'on_failure' | 'always' | 'manual' | 'delayed';

export interface Need {
  readonly job: string;
  /** Whether the needed job's artifacts are fetched. */
  readonly artifacts: boolean;
  readonly optional: boolean;
}

/** By name, in definition order. */
export type Variables = Readonly<Record<string, Variable>>;

export interface Variable {
  readonly value: string;
  /** False: `$` in the value means itself (`expand: false`). */
  readonly expand: boolean;
}

export interface Image {
  readonly name: string;
  readonly entrypoint: readonly string[] | null;
  readonly pullPolicy: readonly PullPolicy[];
  readonly platform: string | null;
  readonly user: string | null;
}

export type PullPolicy = 'always' | 'if-not-present' | 'never';

export interface Service extends Image {
  /** Host names besides those made from the image's name. */
  readonly aliases: readonly string[];
  readonly command: readonly string[] | null;
  readonly variables: Variables;
}

export interface Cache {
  readonly key: CacheKey;
  readonly paths: readonly string[];
  readonly untracked: boolean;
  readonly unprotect: boolean;
  /** `pull`, `push`, `pull-push`, or a variable that expands to one. */
  readonly policy: string;
  readonly when: 'on_success' | 'on_failure' | 'always';
  readonly fallbackKeys: readonly string[];
}

export type CacheKey =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'files'; readonly files: readonly string[]; readonly prefix: string | null }
  | { readonly kind: 'files-commits'; readonly files: readonly string[]; readonly prefix: string | null };

export interface Artifacts {
  readonly name: string | null;
  readonly paths: readonly string[];
  readonly exclude: readonly string[];
  readonly untracked: boolean;
  readonly when: 'on_success' | 'on_failure' | 'always';
  /** As written (`2 days`, `never`); null when unset. */
  readonly expireIn: string | null;
  readonly exposeAs: string | null;
  readonly access: 'all' | 'developer' | 'maintainer' | 'none';
  /** Report type to the paths that hold it, for example `junit` to `["app/report.xml"]`. */
  readonly reports: Readonly<Record<string, readonly string[]>>;
}

export interface Retry {
  readonly max: number;
  /** Failure reasons; empty means always, unless `exitCodes` is given. */
  readonly when: readonly string[];
  readonly exitCodes: readonly number[];
}

export interface Environment {
  readonly name: string;
  readonly url: string | null;
  readonly action: 'start' | 'prepare' | 'verify' | 'access' | 'stop';
  readonly onStop: string | null;
  readonly autoStopIn: string | null;
  readonly deploymentTier: string | null;
  readonly kubernetes: Json | null;
}

export interface Trigger {
  readonly target:
    | { readonly kind: 'project'; readonly project: string; readonly branch: string | null }
    | { readonly kind: 'child'; readonly includes: readonly ChildInclude[] }
    /** Starts nothing: shows the status of a project's latest pipeline (`needs:pipeline` without a job). */
    | { readonly kind: 'mirror'; readonly project: string };
  /** null: the bridge succeeds as soon as the downstream pipeline exists. */
  readonly strategy: 'depend' | 'mirror' | null;
  readonly forward: { readonly yamlVariables: boolean; readonly pipelineVariables: boolean };
  readonly inputs: Readonly<Record<string, Json>>;
}

export type ChildInclude = IncludedPlace & {
  /** `rules`, `integrity` and `cache` as they are written, for whoever reads the included file; absent when there are none. */
  readonly further?: Readonly<Record<string, Json>>;
};

type IncludedPlace =
  | { readonly kind: 'local'; readonly path: string; readonly inputs: Readonly<Record<string, Json>> }
  | {
      readonly kind: 'artifact';
      readonly path: string;
      readonly job: string;
      readonly inputs: Readonly<Record<string, Json>>;
    }
  | {
      readonly kind: 'project';
      readonly project: string;
      readonly path: string;
      readonly ref: string | null;
      readonly inputs: Readonly<Record<string, Json>>;
    }
  | { readonly kind: 'template'; readonly name: string; readonly inputs: Readonly<Record<string, Json>> }
  | { readonly kind: 'remote'; readonly url: string; readonly inputs: Readonly<Record<string, Json>> }
  | {
      readonly kind: 'component';
      readonly component: string;
      readonly inputs: Readonly<Record<string, Json>>;
    };

export interface AutoCancel {
  readonly onNewCommit: 'conservative' | 'interruptible' | 'none';
  readonly onJobFailure: 'none' | 'all';
}

export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };
