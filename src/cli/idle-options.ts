import { LANGUAGE_NAMES, type Language } from '../config/index.ts';
import type { ValueOptions } from './pipeline-options.ts';

/** What a person should know of options that mean nothing for files of a language; null: all that were given do. */
export function idleOptions(options: ValueOptions, language: Language): string | null {
  if (language === 'gitlab') return null;
  const given = [
    ...(options.refresh === true ? ['--refresh'] : []),
    ...(options.offline === true ? ['--offline'] : []),
    ...(options.server === undefined ? [] : ['--server']),
    ...(options.allowHost.length === 0 ? [] : ['--allow-host']),
    ...(options.project.length === 0 ? [] : ['--project']),
    // Cloud Build has them as substitutions.
    ...(options.input.length === 0 || language === 'cloudbuild' ? [] : ['--input']),
  ];
  if (given.length === 0) return null;
  const verb = given.length === 1 ? 'makes' : 'make';
  return `${given.join(', ')} ${verb} no difference for a file of ${LANGUAGE_NAMES[language]}.`;
}
