import { formatProblem } from '../../../config/index.ts';
import type { OrderedPipeline } from '../../pipelines/create-pipeline.ts';

/** Why there is no pipeline, in the words of GitLab where it has some. */
export function whyNot(made: Exclude<OrderedPipeline, { readonly kind: 'created' }>): readonly string[] {
  switch (made.kind) {
    case 'no-commit':
      return ['Reference not found'];
    case 'invalid':
      return made.problems
        .filter(({ severity }) => severity === 'error')
        .slice(0, MOST_PROBLEMS)
        .map((problem) => formatProblem(problem, { color: false }));
    case 'none':
      return [WHY_NONE[made.why]];
  }
}

const MOST_PROBLEMS = 20;

const WHY_NONE = {
  'no-file': 'Missing CI config file',
  filtered_by_workflow: 'Pipeline filtered out by workflow rules.',
  empty:
    'Pipeline will not run for the selected trigger. The rules configuration prevented any jobs from being added to the pipeline.',
  skipped: 'The message of the commit asks for no pipeline.',
} as const;
