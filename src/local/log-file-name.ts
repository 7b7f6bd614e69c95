/**
 * A file name for the log of a job's attempt: readable, unique within a run, whatever the job is called. Names that
 * had to be changed to fit carry the job's id.
 */
export function logFileName(job: string, jobId: number, attempt: number): string {
  const safe = job
    .replaceAll(/[^\p{L}\p{N}._-]+/gu, '-')
    .replace(/^[.-]+/, '')
    .slice(0, 100);
  const unique = safe === job ? safe : `${safe}-${jobId}`;
  return attempt === 1 ? `${unique}.log` : `${unique}.attempt-${attempt}.log`;
}
