import type { PipelineReading } from '../config/index.ts';

/** The reading without the warnings that a project's folder is needed, where `--project` gives it. */
export function withoutAnswered(
  read: PipelineReading,
  projects: ReadonlyMap<string, string>,
): PipelineReading {
  if (projects.size === 0) return read;
  const said = [...projects.keys()].map((path) => ` project ${path}: `);
  const problems = read.problems.filter(
    ({ code, message }) => !ANSWERED.has(code) || !said.some((words) => message.includes(words)),
  );
  return { ...read, problems };
}

const ANSWERED: ReadonlySet<string> = new Set(['trigger-outside-project', 'need-outside-pipeline']);
