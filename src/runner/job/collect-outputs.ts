import type { JobArtifact } from '../../protocol/index.ts';
import { collectArtifacts } from '../artifacts/collect-artifacts.ts';
import type { JobOutputs } from '../job-result.ts';
import { readDotenvReports } from '../reports/dotenv-report.ts';
import { readJunitReports } from '../reports/junit-report.ts';
import { OTHER_TEST_REPORTS, readOtherTests } from '../reports/other-tests.ts';
import { addSummaries } from '../reports/test-tally.ts';
import { dueArtifacts } from './expand-job.ts';
import type { JobRun } from './job-run.ts';

export const NO_OUTPUTS: JobOutputs = { dotenv: [], tests: null, artifacts: [], coverage: null };

/**
 * Stores the artifacts that are due, and reads the reports that somebody waits for.
 * @returns `failure`: why a job that would have succeeded fails now; null when all went well.
 */
export async function collectOutputs(
  run: JobRun,
  outcome: 'success' | 'failure',
  signal: AbortSignal,
): Promise<{ readonly outputs: JobOutputs; readonly failure: string | null }> {
  const { job, environment, log } = run;
  const { workspace, projectDir } = environment;
  const artifacts = dueArtifacts(job, run.variables, outcome);
  if (artifacts.length === 0) return { outputs: NO_OUTPUTS, failure: null };
  const name = outcome === 'success' ? 'upload_artifacts_on_success' : 'upload_artifacts_on_failure';
  const header = `Uploading artifacts for ${outcome === 'success' ? 'successful' : 'failed'} job`;
  return await log.inSection(name, header, async () => {
    const collected = await collectArtifacts({
      store: run.artifacts,
      jobId: job.id,
      artifacts,
      workspace,
      projectDir,
      log,
      signal,
    });
    const dotenv = await readDotenvReports(workspace, pathsOf(artifacts, 'dotenv'), { projectDir });
    if (dotenv.problem !== null) await log.line(`ERROR: ${dotenv.problem}`, 'error');
    const place = { projectDir, warn: (message: string) => log.line(`WARNING: ${message}`, 'warning') };
    const others = OTHER_TEST_REPORTS.map((type) => [type, pathsOf(artifacts, type)] as const);
    const tests = addSummaries(
      await readJunitReports(workspace, pathsOf(artifacts, 'junit'), place),
      await readOtherTests(workspace, Object.fromEntries(others), place),
    );
    return {
      outputs: { dotenv: dotenv.variables, tests, artifacts: collected.stored, coverage: null },
      failure: collected.failure ?? dotenv.problem,
    };
  });
}

function pathsOf(artifacts: readonly JobArtifact[], type: string): readonly string[] {
  return artifacts.filter((artifact) => artifact.type === type).flatMap((artifact) => artifact.paths);
}
