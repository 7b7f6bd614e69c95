import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { JobVariable } from '../protocol/index.ts';
import type { KeptOutputs, PipelineScope } from './pipeline-request.ts';

/** What a run keeps about a job that passed, so that a job of another project can need it later. */
interface JobRecord {
  /** Of the project. */
  readonly folder: string;
  readonly ref: string;
  readonly job: string;
  readonly outputs: KeptOutputs;
}

/** Where a run keeps the artifacts of its jobs. */
export function artifactsFolder(record: string): string {
  return join(record, 'artifacts');
}

/** Writes down which jobs of a run passed; children keep theirs to themselves, as in GitLab. */
export async function recordJobs(record: string, scopes: Iterable<PipelineScope>): Promise<void> {
  const jobs: JobRecord[] = [];
  for (const { request, kept } of scopes) {
    if (request.context.source === 'parent_pipeline') continue;
    for (const [job, outputs] of kept) {
      if (!outputs.passed) continue;
      jobs.push({ folder: request.project.folder, ref: request.context.ref.name, job, outputs });
    }
  }
  if (jobs.length > 0) await writeFile(join(record, FILE), JSON.stringify(jobs), { mode: 0o600 });
}

/** The job of the newest run in which it passed; null when it passed in none that is kept. */
export async function findRecordedJob(
  runs: string,
  wanted: Pick<JobRecord, 'folder' | 'ref' | 'job'>,
): Promise<{ readonly record: string; readonly outputs: KeptOutputs } | null> {
  const names = await readdir(runs).catch(() => []);
  for (const name of names.sort().reverse()) {
    const record = join(runs, name);
    const text = await readFile(join(record, FILE), 'utf8').catch(() => null);
    const found = text === null ? undefined : parseRecords(text).findLast((job) => isSame(job, wanted));
    if (found !== undefined) return { record, outputs: found.outputs };
  }
  return null;
}

const FILE = 'jobs.json';

function isSame(job: JobRecord, wanted: Pick<JobRecord, 'folder' | 'ref' | 'job'>): boolean {
  return job.folder === wanted.folder && job.ref === wanted.ref && job.job === wanted.job;
}

/** What is not as it was written is left out: it may be of another version, or half of it. */
function parseRecords(text: string): readonly JobRecord[] {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return []; // Cut short.
  }
  return Array.isArray(json) ? json.flatMap((each: unknown) => parseRecord(each) ?? []) : [];
}

function parseRecord(json: unknown): JobRecord | null {
  if (!isObject(json) || !isObject(json.outputs)) return null;
  const { folder, ref, job } = json;
  const { jobId, hasArchive, dotenv } = json.outputs;
  if (typeof folder !== 'string' || typeof ref !== 'string' || typeof job !== 'string') return null;
  if (typeof jobId !== 'number' || typeof hasArchive !== 'boolean' || !Array.isArray(dotenv)) return null;
  const variables = dotenv.flatMap((each: unknown) => parseVariable(each) ?? []);
  return { folder, ref, job, outputs: { jobId, hasArchive, dotenv: variables, passed: true } };
}

function parseVariable(json: unknown): JobVariable | null {
  if (!isObject(json) || typeof json.key !== 'string' || typeof json.value !== 'string') return null;
  const { key, value } = json;
  return { key, value, file: false, masked: json.masked === true, raw: json.raw === true };
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}
