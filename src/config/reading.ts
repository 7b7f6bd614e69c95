import type { Place, Problem } from '../base/problem.ts';
import type { Plan } from '../pipeline/index.ts';
import type { MappingNode } from './document/index.ts';
import type { JobExplanation } from './gitlab/explain.ts';
import type { ReadingDetails } from './gitlab/pipeline.ts';
import type { ConfigReading } from './gitlab/read-config.ts';
import type { Language } from './language.ts';

/** What a pipeline file comes to for one context. */
export interface PipelineReading {
  readonly language: Language;
  /**
   * `created`: there is a plan. `filtered_by_workflow`: `workflow:rules` wants no pipeline. `empty`: no job is in it (or
   * only ones of .pre and .post). `skipped`: the commit message asks for none. `invalid`: the problems say why.
   */
  readonly outcome: 'created' | 'filtered_by_workflow' | 'empty' | 'skipped' | 'invalid';
  /** Set exactly when the outcome is `created`. */
  readonly plan: Plan | null;
  readonly problems: readonly Problem[];
  /** Those of them that come from this event: for another one the same file may have none of them. */
  readonly eventProblems: readonly Problem[];
  /** What the files came to before anything was decided; null when they were not read, and in other languages than GitLab's. */
  readonly files: ConfigReading | null;
  /** What was decided with, and about each job; null when the file could not be read or the pipeline was skipped, and in other languages. */
  readonly details: ReadingDetails | null;
  /**
   * The file with all filled in that its language fills in by itself; null in GitLab's, whose `files` say more, and where
   * the file could not be read.
   */
  readonly filledIn: (() => MappingNode) | null;
  /**
   * Why a job is in the pipeline or not, and where everything in it comes from; null for an unknown name. Takes the
   * name of the plan, or the one in the file for the first of a parallel job. Computed when asked for.
   */
  explain(jobName: string): Promise<JobExplanation | null>;
  /** Where a keyword of a job was written; the job's name where it was not. null for an unknown job. */
  placeOf(jobName: string, keyword: string): Place | null;
}
