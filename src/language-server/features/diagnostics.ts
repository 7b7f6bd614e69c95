import type { Place, Problem } from '../../base/problem.ts';
import type { Diagnosis } from '../project/diagnose.ts';
import type { Reading } from '../project/project.ts';

/** A problem as an editor shows it. Lines and columns count from 1. */
export interface Diagnostic {
  readonly path: string;
  readonly place: Place;
  readonly severity: 'error' | 'warning' | 'information';
  readonly code: string;
  /** With the hint as a line of its own. */
  readonly message: string;
  readonly problem: Problem;
}

/** What is wrong in the files of a project, once each however many pipelines a file is part of. */
export function diagnosticsOf(readings: Iterable<Reading>): readonly Diagnostic[] {
  const found = new Map<string, Diagnostic>();
  for (const { diagnosis, asked } of readings) {
    for (const problem of diagnosis.problems) {
      const diagnostic = diagnosticOf(problem, diagnosis, asked);
      const { path, place, code, message } = diagnostic;
      const key = [path, place.line, place.column, place.endLine, place.endColumn, code, message].join('\0');
      if (!found.has(key)) found.set(key, diagnostic);
    }
  }
  return [...found.values()];
}

function diagnosticOf(problem: Problem, diagnosis: Diagnosis, asked: ReadonlySet<string>): Diagnostic {
  const { code, hint } = problem;
  const place = placeInProject(problem.place, diagnosis, asked);
  const isElsewhere = problem.place !== null && problem.place.file !== place.file;
  const where = isElsewhere ? `${problem.place.file}:${problem.place.line}: ` : '';
  const message = `${where}${problem.message}${hint === null ? '' : `\n${hint}`}`;
  return { path: place.file, place, severity: severityOf(problem, diagnosis), code, message, problem };
}

/** What a local run leaves out is no fault of the file; what is wrong for a push may be right for other events. */
function severityOf(problem: Problem, { reading }: Diagnosis): Diagnostic['severity'] {
  if (NOT_ACTED_ON.has(problem.code)) return 'information';
  return reading.eventProblems.includes(problem) ? 'warning' : problem.severity;
}

const NOT_ACTED_ON: ReadonlySet<string> = new Set(['keyword-not-acted-on', 'buildspec-not-acted-on']);

/** A fault in a file of another project is shown where this project includes that file. */
function placeInProject(
  place: Place | null,
  { root, reading }: Diagnosis,
  asked: ReadonlySet<string>,
): Place {
  let current = place;
  for (let step = 0; current !== null && !asked.has(current.file) && step < MAX_STEPS; step++) {
    const { file } = current;
    current = reading.files?.includes.find(({ name }) => name === file)?.place ?? null;
  }
  return current ?? { file: root, line: 1, column: 1, endLine: 1, endColumn: 1 };
}

const MAX_STEPS = 20;
