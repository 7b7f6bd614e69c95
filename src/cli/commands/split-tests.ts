import { Command } from 'commander';
import type { Io } from '../io.ts';

export interface SplitTestsOptions {
  readonly null: boolean;
  readonly index?: string;
  readonly total?: string;
}

/** `slipway split-tests`: the share of the tests that this job of a parallel one is to run. */
export function splitTestsCommand(io: Io, ended: (exitCode: number) => void): Command {
  return new Command('split-tests')
    .description('print the share of the tests that this job of a parallel one is to run')
    .argument('[TESTS...]', 'files or names of tests (default: the lines of standard input)')
    .option('-0, --null', 'names end with a null byte instead of a line end, in and out', false)
    .option('--index <N>', 'which of the jobs this is, from 1 on (default: $CI_NODE_INDEX, or 1)')
    .option('--total <N>', 'how many jobs there are (default: $CI_NODE_TOTAL, or 1)')
    .addHelpText(
      'after',
      `
For jobs with "parallel". The server knows how long each test took, from the JUnit reports of earlier pipelines, and splits
them so that all jobs take about as long: the longest first, each to the job with the least to do. A test that it does not
know counts as the median of the others. All jobs of a pipeline, and their retries, get shares of one split.

When the server cannot be asked the tests are dealt out in turn, which standard error says.

Examples:
  slipway split-tests < tests.txt                   in a job with "parallel: 4"
  find spec -name '*_spec.rb' | slipway split-tests | xargs bundle exec rspec
  git ls-files -z 'tests/test_*.py' | slipway split-tests -0 | xargs -0 pytest --junitxml=report.xml
  slipway split-tests --index 2 --total 3 a b c d   anywhere: prints b`,
    )
    .action(async (tests: readonly string[], options: SplitTestsOptions) => {
      const { splitTests } = await import('../split-tests.ts');
      ended(await splitTests(io, tests, options));
    });
}
