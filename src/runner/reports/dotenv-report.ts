import type { JobVariable } from '../../protocol/index.ts';
import { readFully } from '../archive/read-whole-file.ts';
import { openReportFiles } from './report-files.ts';

export interface DotenvReport {
  readonly variables: readonly JobVariable[];
  /** Why the report was refused, a sentence; then there are no variables. */
  readonly problem: string | null;
}

/** GitLab refuses a report that is not smaller than this (`dotenv_size` of the plan limits). */
const MAX_BYTES = 5 * 1024;
/** The most any GitLab plan allows (`dotenv_variables`). */
const MAX_VARIABLES = 150;

/**
 * Reads a job's dotenv reports with GitLab's rules, which are not those of other dotenv tools: every line is
 * `KEY=VALUE`; no empty lines, no comments; white space around key and value goes, quotes stay; the last of several
 * equal keys wins; one bad line refuses the whole report (`Ci::ParseDotenvArtifactService`). Values are never part of
 * a message: they may be secret.
 */
export async function readDotenvReports(
  workspace: string,
  paths: readonly string[],
  options: { readonly projectDir?: string } = {},
): Promise<DotenvReport> {
  const variables = new Map<string, string>();
  let bytes = 0;
  for await (const { path, handle, size } of openReportFiles({ workspace, paths, ...options })) {
    bytes += size;
    if (bytes >= MAX_BYTES) {
      return refuse(
        `The dotenv report ${path} is too big: ${bytes} bytes, it must be smaller than ${MAX_BYTES}.`,
      );
    }
    const problem = parseInto(variables, decode(await readFully(handle, size)));
    if (problem !== null) return refuse(`The dotenv report ${path} is not valid: ${problem}.`);
  }
  return reportOf(variables);
}

/** The same for one report that has been sent by a runner. */
export function parseDotenvReport(bytes: Buffer): DotenvReport {
  if (bytes.length >= MAX_BYTES) {
    return refuse(
      `The dotenv report is too big: ${bytes.length} bytes, it must be smaller than ${MAX_BYTES}.`,
    );
  }
  const variables = new Map<string, string>();
  const problem = parseInto(variables, decode(bytes));
  return problem === null ? reportOf(variables) : refuse(`The dotenv report is not valid: ${problem}.`);
}

function reportOf(variables: ReadonlyMap<string, string>): DotenvReport {
  if (variables.size > MAX_VARIABLES) {
    return refuse(`The dotenv report has ${variables.size} variables, more than ${MAX_VARIABLES}.`);
  }
  return {
    variables: [...variables].map(([key, value]) => ({ key, value, file: false, masked: false, raw: false })),
    problem: null,
  };
}

function refuse(problem: string): DotenvReport {
  return { variables: [], problem };
}

function parseInto(variables: Map<string, string>, text: string): string | null {
  const lines = text.split('\n');
  // What ends in a newline has no line after it.
  if (lines.at(-1) === '') lines.pop();
  for (const [index, line] of lines.entries()) {
    const place = `line ${index + 1}`;
    const equals = line.indexOf('=');
    if (equals < 0) return `${place} is not KEY=VALUE (empty lines and comments are not allowed)`;
    const key = line.slice(0, equals).trim();
    const value = line.slice(equals + 1).trim();
    if (!/^[A-Za-z0-9_]+$/.test(key)) return `the key in ${place} may have only letters, digits and _`;
    if (value.includes('\0')) return `the value in ${place} has a NUL in it`;
    variables.set(key, value);
  }
  return null;
}

/** UTF-8, or what PowerShell writes: UTF-16 with a byte order mark. */
function decode(bytes: Buffer): string {
  const isUtf16 = bytes[0] === 0xff && bytes[1] === 0xfe;
  return new TextDecoder(isUtf16 ? 'utf-16le' : 'utf-8').decode(bytes);
}
