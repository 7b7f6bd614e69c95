import type { PipelineContext } from './context.ts';
import { type Language, languageOf } from './language.ts';
import type { PipelineReading } from './reading.ts';
import type { Sources } from './sources.ts';

export interface ReadingRequest {
  readonly sources: Sources;
  /** The pipeline file, from the root of the repository. */
  readonly file: string;
  readonly context: PipelineContext;
}

/**
 * Reads a pipeline file in whichever language it is and decides about it for one context: the way from a file to a
 * plan. Nothing is run and nothing written; all that is wrong is in the reading's problems.
 *
 * Only what reads that language is loaded.
 */
export async function readPipeline(request: ReadingRequest): Promise<PipelineReading> {
  switch (await languageOfFile(request)) {
    case 'gitlab':
      return (await import('./gitlab/read-pipeline.ts')).readPipeline(request);
    case 'codebuild':
      return explained(await (await import('./codebuild/read-buildspec.ts')).readBuildspec(request), request);
    case 'cloudbuild':
      return explained(
        await (await import('./cloudbuild/read-cloudbuild.ts')).readCloudBuild(request),
        request,
      );
  }
}

/** What explains a job of a language without rules is the same for all of them. */
function explained(reading: PipelineReading, { context }: ReadingRequest): PipelineReading {
  return {
    ...reading,
    async explain(name) {
      const { explainPlanned } = await import('./explain-planned.ts');
      return explainPlanned(reading, context, name);
    },
  };
}

/** A file that cannot be read is GitLab's, whose reader says why. */
async function languageOfFile({ sources, file }: ReadingRequest): Promise<Language> {
  const read = await sources.readFile(file);
  return languageOf(file, read.kind === 'text' ? read.text : '');
}
