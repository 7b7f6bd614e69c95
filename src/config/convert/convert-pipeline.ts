import type { BuildJob } from '../../pipeline/index.ts';
import { maskOf } from '../gitlab/mask.ts';
import { LANGUAGE_NAMES } from '../language.ts';
import { type ReadingRequest, readPipeline } from '../read-pipeline.ts';
import type { PipelineReading } from '../reading.ts';
import type { Conversion, Remark } from './conversion.ts';
import { convertPlan } from './convert-plan.ts';
import { markedContext, marksOf } from './marks.ts';
import { referring } from './refer.ts';

/**
 * Turns a pipeline file of another language into a `.gitlab-ci.yml` that plans the same jobs. The file is read a second
 * time for an event whose values stand out, so that what changes from one pipeline to the next (the commit, the branch)
 * becomes a variable. null when the reading has no plan.
 */
export async function convertPipeline(
  reading: PipelineReading,
  request: ReadingRequest,
): Promise<Conversion | null> {
  const { plan, language } = reading;
  if (plan === null) return null;
  const { context, file } = request;
  const marked = markedContext(context);
  const marks = marksOf(context, marked);
  const other = await readPipeline({ ...request, context: marked });
  const byName = new Map(
    (other.plan?.jobs ?? []).flatMap((job) => (job.kind === 'build' ? [[job.name, job] as const] : [])),
  );
  const remarks: Remark[] = [];
  const jobs = plan.jobs.flatMap((job): readonly BuildJob[] => {
    if (job.kind === 'bridge') {
      remarks.push({
        job: null,
        key: 'trigger',
        kind: 'dropped',
        text: `${job.name} starts another pipeline.`,
      });
      return [];
    }
    const twin = byName.get(job.name);
    if (twin !== undefined) return [referring(job, twin, marks, remarks)];
    const text = 'Its values are those of this commit: for another one the file could not be read.';
    remarks.push({ job: job.name, key: 'variables', kind: 'dropped', text });
    return [job];
  });
  return convertPlan({
    plan,
    jobs,
    remarks,
    origin: `${file} (${LANGUAGE_NAMES[language]})`,
    isMergeRequest: context.mergeRequest !== null,
    mask: maskOf(context),
  });
}
