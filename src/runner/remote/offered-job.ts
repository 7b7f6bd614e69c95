import {
  fromWire,
  type JobAccess,
  type JobSpec,
  needsPlace,
  type WireJob,
  wireSchemas,
} from '../../protocol/index.ts';
import { fieldOf } from './server/read-reply.ts';

/** A job as a server has handed it out. */
export type OfferedJob =
  | {
      readonly kind: 'readable';
      readonly spec: JobSpec;
      readonly access: JobAccess;
      readonly projectId: number;
      /** Words for why a job failed that this server knows; empty: it did not say. */
      readonly failureReasons: readonly string[];
    }
  /** It cannot be run here, and the server can be told so. */
  | { readonly kind: 'unusable'; readonly id: number; readonly token: string; readonly problem: string }
  /** Not even that. */
  | { readonly kind: 'unreadable'; readonly problem: string };

/** Reads what a server offers. Everything that is missing or of another shape is named. */
export async function readOfferedJob(value: unknown): Promise<OfferedJob> {
  const id = fieldOf(value, 'id');
  const token = fieldOf(value, 'token');
  if (typeof id !== 'number' || !Number.isSafeInteger(id) || id < 1 || typeof token !== 'string') {
    return { kind: 'unreadable', problem: 'the server sent something that is no job' };
  }
  const problemOf = (problem: string): OfferedJob => ({ kind: 'unusable', id, token, problem });
  const job = completed(value);
  const { matches, firstProblem } = await checker();
  if (!matches(job))
    return problemOf(`The server's description of it is not complete: ${firstProblem(job)}.`);
  try {
    const { spec, access } = fromWire(job);
    if (needsPlace(spec) && access.place === null)
      return problemOf('It shares files with other jobs, and the server does not say where they are.');
    const { project_id: projectId } = job.job_info;
    return {
      kind: 'readable',
      spec,
      access,
      projectId,
      failureReasons: job.features.failure_reasons,
    };
  } catch (error) {
    if (error instanceof TypeError) return problemOf(`${error.message}.`);
    throw error;
  }
}

interface Checker {
  matches(value: unknown): value is WireJob;
  firstProblem(value: unknown): string;
}

let made: Promise<Checker> | null = null;

/** Made once: the schema is compiled. */
function checker(): Promise<Checker> {
  made ??= makeChecker();
  return made;
}

async function makeChecker(): Promise<Checker> {
  const [{ WireJob: schema }, { Compile }] = await Promise.all([wireSchemas(), import('typebox/compile')]);
  const compiled = Compile(schema);
  return {
    matches: (value): value is WireJob => compiled.Check(value),
    firstProblem(value) {
      const [first] = compiled.Errors(value);
      return first === undefined ? 'unknown' : `${first.instancePath || 'it'} ${first.message}`;
    },
  };
}

/** GitLab writes null for what is empty, and leaves out what is false or what newer servers have added. */
function completed(value: unknown): unknown {
  const given = withoutNulls(value, 0);
  if (typeof given !== 'object' || given === null) return given;
  const { variables, features, ...rest } = Object.fromEntries(Object.entries(given));
  return {
    allow_git_fetch: true,
    ...Object.fromEntries(LISTS.map((name) => [name, []])),
    ...rest,
    variables: Array.isArray(variables) ? variables.map((each: unknown) => over(USUAL_VARIABLE, each)) : [],
    features: over({ trace_sections: true, failure_reasons: [] }, features),
  };
}

const LISTS = ['steps', 'services', 'artifacts', 'cache', 'credentials', 'dependencies'];
const USUAL_VARIABLE = { public: true, file: false, masked: false, raw: false };

function over(usual: object, value: unknown): unknown {
  return typeof value === 'object' || value === undefined ? { ...usual, ...value } : value;
}

/** No description goes deeper. */
const MOST_DEPTH = 12;

function withoutNulls(value: unknown, depth: number): unknown {
  if (typeof value !== 'object' || value === null || depth > MOST_DEPTH) return value;
  if (Array.isArray(value)) return value.map((each: unknown) => withoutNulls(each, depth + 1));
  const kept = Object.entries(value).filter(([, content]) => content !== null);
  return Object.fromEntries(kept.map(([key, content]) => [key, withoutNulls(content, depth + 1)]));
}
