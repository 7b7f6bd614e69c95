import { formatProblem } from '../../document/index.ts';
import { describePipeline } from '../describe.ts';
import { expandConfig } from '../expand.ts';
import { lintReport } from '../lint-report.ts';
import { readPipeline } from '../read-pipeline.ts';
import { type Files, memorySources } from './memory-sources.ts';
import { contextOf } from './read-yaml.ts';

/**
 * Reads a pipeline and shows all there is to show of it; what it answers is wrong about the outcome: nothing must be. It
 * throws where the reading does.
 */
export async function faultsOfReading(
  files: Files,
  context: Readonly<Record<string, unknown>>,
): Promise<readonly string[]> {
  const file = '.gitlab-ci.yml';
  const given = contextOf(context);
  const reading = await readPipeline({ sources: memorySources(files), file, context: given });
  const errors = reading.problems.filter((problem) => problem.severity === 'error');
  const faults: string[] = [];
  if ((reading.outcome === 'invalid') !== errors.length > 0) {
    faults.push(`${reading.outcome} with ${errors.length} errors`);
  }
  if ((reading.plan !== null) !== (reading.outcome === 'created')) faults.push('a plan goes with a pipeline');
  for (const problem of reading.problems) {
    if (problem.place === null) faults.push(`no place: ${problem.message}`);
    if (formatProblem(problem, { color: true }) === '') faults.push(`not shown: ${problem.message}`);
  }
  JSON.stringify([describePipeline(reading), lintReport({ reading, file, context: given, isStatic: false })]);
  expandConfig(reading, given)?.yaml();
  for (const name of ['a', reading.plan?.jobs.at(-1)?.name ?? 'b']) await reading.explain(name);
  return faults;
}
