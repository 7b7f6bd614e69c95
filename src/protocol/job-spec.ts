import type { ImageCommand, SharedWorkspace, Volume } from '../pipeline/index.ts';

/**
 * Everything a runner must know to run one job: the runner protocol's job description, in our own names. The server
 * sends it over HTTP in GitLab's wire form; the local run hands it over directly.
 */
export interface JobSpec {
  readonly id: number;
  readonly name: string;
  readonly stage: string;
  readonly pipelineId: number;
  readonly projectPath: string;
  readonly git: { readonly sha: string; readonly ref: string; readonly refKind: 'branch' | 'tag' };
  /** Low to high precedence; a later duplicate wins. Unexpanded: the runner expands. */
  readonly variables: readonly JobVariable[];
  readonly preGetSourcesScript: readonly string[];
  /** The lines of before_script and script, in one shell. */
  readonly script: readonly string[];
  /** In a shell of its own, whatever became of the script. */
  readonly afterScript: readonly string[];
  readonly image: JobImage | null;
  readonly services: readonly JobService[];
  readonly caches: readonly JobCache[];
  readonly artifacts: readonly JobArtifact[];
  /** The jobs whose artifacts are restored before the script, in order. */
  readonly dependencies: readonly JobDependency[];
  readonly timeoutSeconds: number;
  /** RE2 pattern without its slashes, looked for in each line of the log; absent or null: none. */
  readonly coverage?: string | null;
  readonly environment: { readonly name: string; readonly url: string | null } | null;
  /** Run instead of `script`, without a shell. Not in GitLab's protocol, nor are the next two. */
  readonly command?: ImageCommand;
  readonly sharedWorkspace?: SharedWorkspace;
  readonly volumes?: readonly Volume[];
}

export interface JobVariable {
  readonly key: string;
  readonly value: string;
  /** The value is written to a file and the variable holds its path. */
  readonly file: boolean;
  /** Every occurrence of the value in the log becomes `[MASKED]`. */
  readonly masked: boolean;
  /** `$` in the value means itself. */
  readonly raw: boolean;
}

export interface JobImage {
  readonly name: string;
  readonly entrypoint: readonly string[] | null;
  readonly pullPolicy: readonly ('always' | 'if-not-present' | 'never')[];
  readonly platform: string | null;
  readonly user: string | null;
}

export interface JobService extends JobImage {
  readonly aliases: readonly string[];
  readonly command: readonly string[] | null;
  readonly variables: readonly JobVariable[];
}

export interface JobCache {
  /** Final but for variables, which the runner expands. */
  readonly key: JobCacheKey;
  readonly paths: readonly string[];
  readonly untracked: boolean;
  readonly policy: string;
  readonly when: 'on_success' | 'on_failure' | 'always';
  readonly fallbackKeys: readonly string[];
}

export type JobCacheKey =
  | { readonly kind: 'text'; readonly text: string }
  /** SHA-1 over the files' content ids, made by the runner because it has the files. */
  | { readonly kind: 'files'; readonly files: readonly string[]; readonly prefix: string | null };

export interface JobArtifact {
  /** `archive`, or the report's type: `junit`, `dotenv`, … */
  readonly type: string;
  /** Name of the archive, variables unexpanded; null: the default. */
  readonly name: string | null;
  readonly paths: readonly string[];
  readonly exclude: readonly string[];
  readonly untracked: boolean;
  readonly when: 'on_success' | 'on_failure' | 'always';
  readonly expireIn: string | null;
}

export interface JobDependency {
  readonly id: number;
  readonly name: string;
}
