import { contextFromJson } from '../../context-json.ts';
import { memorySources } from '../../gitlab/test-support/memory-sources.ts';
import type { PipelineReading } from '../../reading.ts';
import { readCloudBuild } from '../read-cloudbuild.ts';

/** Reads a build file given as text. */
export function readText(text: string): Promise<PipelineReading> {
  const { context } = contextFromJson({});
  return readCloudBuild({
    sources: memorySources({ 'cloudbuild.yaml': text }),
    file: 'cloudbuild.yaml',
    context,
  });
}
