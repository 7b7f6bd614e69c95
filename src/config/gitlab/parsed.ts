import type {
  Artifacts,
  AutoCancel,
  Cache,
  Environment,
  Image,
  JobWhen,
  Json,
  Retry,
  Service,
  Trigger,
  Variable,
} from '../../pipeline/index.ts';
import type { MappingNode, Span } from '../document/index.ts';

/**
 * A `.gitlab-ci.yml` after includes, extends and references are resolved and every keyword's shape is checked, before
 * anything is decided about a particular pipeline. Types here are exact: code after this point never re-checks shapes.
 * Each part that a later error may point at carries its span.
 */
export interface ParsedConfig {
  /** With `.pre` first and `.post` last. */
  readonly stages: readonly string[];
  readonly stagesSpan: Span | null;
  readonly variables: ReadonlyMap<string, ParsedVariable>;
  readonly workflow: ParsedWorkflow;
  /** Visible jobs in the order of the merged file. */
  readonly jobs: readonly ParsedJob[];
}

export interface ParsedVariable extends Variable {
  readonly description: string | null;
  readonly options: readonly string[] | null;
  readonly span: Span;
}

export interface ParsedWorkflow {
  readonly name: string | null;
  /** null: there is no `workflow:rules`, which matters: its presence removes the implicit `only` of jobs. */
  readonly rules: readonly ParsedRule[] | null;
  readonly autoCancel: AutoCancel;
}

/** A rule of a job, of `workflow:rules`, or of an include. */
export interface ParsedRule {
  /** The expression as written; null when the rule has no `if`. Its syntax has been checked. */
  readonly if: string | null;
  readonly changes: { readonly paths: readonly string[]; readonly compareTo: string | null } | null;
  readonly exists: {
    readonly paths: readonly string[];
    readonly project: string | null;
    readonly ref: string | null;
  } | null;
  readonly when: JobWhen | 'never' | null;
  readonly startInSeconds: number | null;
  readonly allowFailure: boolean | null;
  readonly variables: ReadonlyMap<string, Variable>;
  readonly needs: readonly ParsedNeed[] | null;
  readonly interruptible: boolean | null;
  /** Only what the rule names; the rest stays as `workflow:auto_cancel` has it. */
  readonly autoCancel: Partial<AutoCancel> | null;
  readonly span: Span;
}

export interface ParsedJob {
  readonly name: string;
  readonly nameSpan: Span;
  /** The merged mapping the job was read from, with the origin of every key; what `explain` prints. */
  readonly source: MappingNode;
  readonly kind: 'build' | 'bridge';
  readonly stage: string;
  readonly stageSpan: Span | null;
  /** null: not written. */
  readonly when: JobWhen | null;
  readonly startInSeconds: number | null;
  readonly allowFailure: boolean | null;
  readonly allowFailureExitCodes: readonly number[];
  readonly interruptible: boolean | null;
  readonly rules: readonly ParsedRule[] | null;
  /** null with `rules`, and when neither is written (the implicit policy is decided later). */
  readonly only: ParsedPolicy | null;
  readonly except: ParsedPolicy | null;
  readonly needs: readonly ParsedNeed[] | null;
  readonly needsSpan: Span | null;
  readonly dependencies: readonly string[] | null;
  readonly dependenciesSpan: Span | null;
  readonly variables: ReadonlyMap<string, Variable>;
  /** Root variables the job sees: `inherit:variables`. */
  readonly inheritVariables: true | false | readonly string[];
  readonly parallel: ParsedParallel | null;
  readonly resourceGroup: string | null;
  readonly environment: Environment | null;
  readonly environmentSpan: Span | null;
  readonly manualConfirmation: string | null;
  /** The rest of a build job, already in the plan's form; null for a bridge. */
  readonly build: ParsedBuild | null;
  /** null for a build job. */
  readonly trigger: Trigger | null;
}

export interface ParsedBuild {
  readonly beforeScript: readonly string[] | null;
  readonly script: readonly string[];
  readonly afterScript: readonly string[] | null;
  readonly preGetSourcesScript: readonly string[] | null;
  readonly tags: readonly string[];
  readonly image: Image | null;
  readonly services: readonly Service[];
  readonly caches: readonly Cache[];
  readonly artifacts: Artifacts | null;
  readonly retry: Retry | null;
  readonly timeoutSeconds: number | null;
  readonly coverage: string | null;
  readonly carried: Readonly<Record<string, Json>>;
}

export type ParsedNeed =
  | {
      readonly kind: 'job';
      readonly job: string;
      readonly artifacts: boolean;
      readonly optional: boolean;
      /** `parallel:matrix` selection: each entry names values of the needed job's matrix; null: all instances. */
      readonly matrix: readonly Readonly<Record<string, readonly string[]>>[] | null;
      readonly span: Span;
    }
  /** Needs of other pipelines or projects: checked, kept, and reported as not run locally. */
  | {
      readonly kind: 'pipeline';
      readonly pipeline: string;
      /** null: the pipeline's status is what is asked for. */
      readonly job: string | null;
      readonly artifacts: boolean;
      readonly optional: boolean;
      readonly span: Span;
    }
  | {
      readonly kind: 'project';
      readonly project: string;
      readonly job: string;
      readonly ref: string;
      readonly artifacts: boolean;
      readonly span: Span;
    };

export type ParsedParallel =
  | { readonly kind: 'count'; readonly count: number }
  /** Each entry's variables in the order of its keys; the product of an entry's values makes its jobs. */
  | {
      readonly kind: 'matrix';
      readonly entries: readonly (readonly (readonly [string, readonly string[]])[])[];
    };

export interface ParsedPolicy {
  readonly refs: readonly string[] | null;
  /** Expressions; their syntax has been checked. */
  readonly variables: readonly string[] | null;
  readonly changes: readonly string[] | null;
  readonly kubernetes: boolean;
}
