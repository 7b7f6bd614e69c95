import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { AppError } from '../base/app-error.ts';
import { printable } from '../base/printable.ts';
import type { Language, PipelineContext } from '../config/index.ts';
import type { ProjectOptions } from './find-project.ts';
import { givenVariables } from './given-variables.ts';
import { type Io, print } from './io.ts';
import { type OpenedPipeline, openPipeline } from './open-pipeline.ts';
import type { PipelineOptions } from './pipeline-options.ts';

/**
 * Opens the pipeline for the event that the options tell, or that the file named by `--context` describes. `isHeedless`:
 * the file is read although the commit's message asks for no pipeline.
 */
export async function openPipelineFor(
  io: Io,
  options: PipelineOptions & ProjectOptions & { readonly context?: string },
  isHeedless = false,
): Promise<OpenedPipeline> {
  if (options.context !== undefined) {
    const given = await readContextFile(io, options.context);
    return openPipeline(io, options, { context: isHeedless ? { ...given, ignoreSkipCi: true } : given });
  }
  const opened = await openPipeline(io, options, { variables: await givenVariables(io, options) });
  const language = await languageNote(opened.file, opened.others, opened.read.language);
  if (language !== null) await print(io.stderr, `note: ${printable(language)}\n`);
  if (opened.read.language !== 'gitlab') {
    const { idleOptions } = await import('./idle-options.ts');
    const idle = idleOptions(options, opened.read.language);
    if (idle !== null) await print(io.stderr, `warning: ${idle}\n`);
  }
  if (opened.remark !== null) await print(io.stderr, `warning: ${printable(opened.remark)}\n`);
  return opened;
}

/** Which file and language was taken, where a person may not expect it; null for a file of GitLab's beside no other. */
export async function languageNote(
  file: string,
  others: readonly string[],
  language: Language,
): Promise<string | null> {
  const beside = others.length === 0 ? '' : ` Beside it: ${others.join(', ')}; choose with --file.`;
  if (language === 'gitlab' && beside === '') return null;
  const { LANGUAGE_NAMES } = await import('../config/index.ts');
  return `${file} is read as ${LANGUAGE_NAMES[language]}.${beside}`;
}

async function readContextFile(io: Io, file: string): Promise<PipelineContext> {
  let json: unknown;
  try {
    json = JSON.parse(await readFile(resolve(io.folder, file), 'utf8'));
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new AppError('bad-context-file', `The context file ${file} cannot be read: ${reason}.`, { cause });
  }
  const { contextFromJson } = await import('../config/index.ts');
  const { context, problems } = contextFromJson(json);
  const [first] = problems;
  if (first !== undefined) {
    throw new AppError('bad-context-file', `The context file ${file} cannot be used: ${first.message}.`);
  }
  return context;
}
