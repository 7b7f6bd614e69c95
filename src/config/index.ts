import type { Conversion } from './convert/conversion.ts';
import type { FieldFinder } from './fields/find-field.ts';
import type { ReadingRequest } from './read-pipeline.ts';
import type { PipelineReading } from './reading.ts';

export { builderHint, type KnownBuilder, knownBuilder } from './cloudbuild/builders.ts';
export * from './context.ts';
export { contextFromJson } from './context-json.ts';
export type { Conversion, Remark as ConversionRemark } from './convert/conversion.ts';
export { decodeSource, MAX_SOURCE_BYTES } from './decode-source.ts';
export {
  formatProblem,
  parseWritten,
  type TextRange,
  type WrittenMapping,
  type WrittenNode,
  type WrittenPair,
  type WrittenReading,
  type WrittenScalar,
} from './document/index.ts';
export { expandFilledIn } from './expand-others.ts';
export type { FieldFinder, FoundField } from './fields/find-field.ts';
export { describePipeline } from './gitlab/describe.ts';
export { ROOT_SETTINGS } from './gitlab/entries/defaults.ts';
export { type ExpandedConfig, type ExpandedLine, expandConfig } from './gitlab/expand.ts';
export type {
  ExplainedExpression,
  ExplainedKey,
  ExplainedPart,
  ExplainedPaths,
  ExplainedPolicy,
  ExplainedRule,
  JobExplanation,
} from './gitlab/explain.ts';
export { jobVariables } from './gitlab/job-variables.ts';
export { type FoundKeyword, findKeyword, ROOT_KEYWORDS } from './gitlab/keywords/find.ts';
export type { Keyword, Treatment } from './gitlab/keywords/keyword.ts';
export { lintReport, problemsOfFile } from './gitlab/lint-report.ts';
export { type Mask, maskOf, SHORTEST_SECRET } from './gitlab/mask.ts';
export { pipelineSheet } from './gitlab/pipeline-sheet.ts';
export { splitMessage } from './gitlab/predefined-commit.ts';
export {
  LANGUAGE_NAMES,
  LANGUAGES,
  type Language,
  languageByName,
  languageOf,
  PIPELINE_FILES,
} from './language.ts';
export { type ReadingRequest, readPipeline } from './read-pipeline.ts';
export type { PipelineReading } from './reading.ts';
export type * from './sources.ts';

/** `convertPipeline` of `convert/`, which is loaded only now. */
export async function convertPipeline(
  reading: PipelineReading,
  request: ReadingRequest,
): Promise<Conversion | null> {
  return (await import('./convert/convert-pipeline.ts')).convertPipeline(reading, request);
}

/** The JSON Schema of pipeline files, as text; what it is made with is loaded only now. */
export async function pipelineSchemaText(): Promise<string> {
  const [{ pipelineSchema }, { printSchema }] = await Promise.all([
    import('./gitlab/json-schema/pipeline-schema.ts'),
    import('./gitlab/json-schema/schema-json.ts'),
  ]);
  return printSchema(pipelineSchema());
}

/** The JSON Schema of buildspecs, as text. */
export async function codebuildSchemaText(): Promise<string> {
  const [{ codebuildSchema }, { printSchema }] = await Promise.all([
    import('./codebuild/json-schema.ts'),
    import('./gitlab/json-schema/schema-json.ts'),
  ]);
  return printSchema(codebuildSchema());
}

/** The fields of a language that has a table of them. */
export async function fieldsOf(language: 'codebuild' | 'cloudbuild'): Promise<FieldFinder> {
  return language === 'codebuild'
    ? (await import('./codebuild/language/find.ts')).CODEBUILD_FIELDS
    : (await import('./cloudbuild/language/find.ts')).CLOUDBUILD_FIELDS;
}

/** The JSON Schema of Cloud Build's files, as text. */
export async function cloudbuildSchemaText(): Promise<string> {
  const [{ cloudbuildSchema }, { printSchema }] = await Promise.all([
    import('./cloudbuild/json-schema.ts'),
    import('./gitlab/json-schema/schema-json.ts'),
  ]);
  return printSchema(cloudbuildSchema());
}
