import type { BuildJob, Plan } from '../../pipeline/index.ts';
import { maskOf } from '../gitlab/mask.ts';
import { LANGUAGE_NAMES } from '../language.ts';
import { type ReadingRequest, readPipeline } from '../read-pipeline.ts';
import type { PipelineReading } from '../reading.ts';
import type { Conversion, Remark } from './conversion.ts';
import { convertPlan } from './convert-plan.ts';
import { markedContext, marksOf } from './marks.ts';
import { referring } from './refer.ts';
import { apartFromReferences, asWritten, holdsReferences } from './reference.ts';

/**
 * Turns a pipeline file of another language into a `.gitlab-ci.yml` that plans the same jobs. The file is read a second
 * time for an event whose values stand out, so that what changes from one pipeline to the next (the commit, the branch)
 * becomes a variable. null when the reading has no plan.
 */
export async function convertPipeline(
  reading: PipelineReading,
  request: ReadingRequest,
): Promise<Conversion | null> {
  const { language } = reading;
  const plan = distinguished(reading.plan);
  if (plan === null) return null;
  const { context, file } = request;
  const marked = markedContext(context);
  const marks = marksOf(context, marked);
  const other = distinguished((await readPipeline({ ...request, context: marked })).plan);
  const byName = new Map(
    (other?.jobs ?? []).flatMap((job) => (job.kind === 'build' ? [[job.name, job] as const] : [])),
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
  const { text, remarks: told } = convertPlan({
    plan,
    jobs,
    remarks,
    origin: `${file} (${LANGUAGE_NAMES[language]})`,
    isMergeRequest: context.mergeRequest !== null,
    mask: maskOf(context),
  });
  return {
    text: asWritten(text),
    remarks: told.map((remark) => ({
      ...remark,
      job: remark.job === null ? null : asWritten(remark.job),
      text: asWritten(remark.text),
    })),
  };
}

/** The plan of a file whose own texts look like the references that are put into them here; others are as they are. */
function distinguished(plan: Plan | null): Plan | null {
  const text = JSON.stringify(plan);
  return holdsReferences(text) ? JSON.parse(apartFromReferences(text)) : plan;
}
