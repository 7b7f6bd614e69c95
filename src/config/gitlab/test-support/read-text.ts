import type { Problem } from '../../../base/problem.ts';
import type { ParsedBuild, ParsedConfig, ParsedJob } from '../parsed.ts';
import { type ConfigReading, readConfig } from '../read-config.ts';
import { memorySources } from './memory-sources.ts';
import { contextOf } from './read-yaml.ts';

export interface ReadText {
  readonly reading: ConfigReading;
  /** `LINE:COLUMN message`, with the file in front when it is not the main one, and `warning` before warnings. */
  readonly problems: readonly string[];
}

/** Reads a pipeline file given as text, with other files of the project and a context when they matter. */
export async function readText(
  text: string,
  files: Readonly<Record<string, string>> = {},
  context: Readonly<Record<string, unknown>> = {},
): Promise<ReadText> {
  const sources = memorySources({ '.gitlab-ci.yml': text, ...files });
  const reading = await readConfig({ sources, file: '.gitlab-ci.yml', context: contextOf(context) });
  return { reading, problems: reading.problems.map(shown) };
}

/** The configuration of a text that has no errors. */
export async function configOf(
  text: string,
  files?: Readonly<Record<string, string>>,
  context?: Readonly<Record<string, unknown>>,
): Promise<ParsedConfig> {
  const { reading, problems } = await readText(text, files, context);
  if (reading.config === null) throw new Error(problems.join('\n'));
  return reading.config;
}

/** The last job of a text that has no errors. */
export async function jobOf(text: string): Promise<ParsedJob> {
  const job = (await configOf(text)).jobs.at(-1);
  if (job === undefined) throw new Error('the text has no job');
  return job;
}

/** What a runner is told about the last job of a text. */
export async function buildOf(text: string): Promise<ParsedBuild> {
  const { build } = await jobOf(text);
  if (build === null) throw new Error('the job is a bridge');
  return build;
}

function shown({ severity, message, place }: Problem): string {
  const file = place === null || place.file === '.gitlab-ci.yml' ? '' : `${place.file}:`;
  const warning = severity === 'warning' ? 'warning ' : '';
  return `${file}${place?.line}:${place?.column} ${warning}${message}`;
}
