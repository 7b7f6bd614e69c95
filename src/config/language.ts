/** The languages of pipeline files. */
export const LANGUAGES = ['gitlab', 'codebuild', 'cloudbuild'] as const;

export type Language = (typeof LANGUAGES)[number];

/** How people call the languages. */
export const LANGUAGE_NAMES: Readonly<Record<Language, string>> = {
  gitlab: 'GitLab CI',
  codebuild: 'AWS CodeBuild',
  cloudbuild: 'Google Cloud Build',
};

/** The names that a pipeline file has where nobody named it, in the order in which they are looked for. */
export const PIPELINE_FILES: readonly string[] = [
  '.gitlab-ci.yml',
  'buildspec.yml',
  'buildspec.yaml',
  'cloudbuild.yaml',
  'cloudbuild.yml',
  'cloudbuild.json',
];

/**
 * The language of a pipeline file: by its name, and where that says nothing, by the keys at its left edge. What could be
 * any language is GitLab's.
 */
export function languageOf(path: string, text: string): Language {
  const named = languageByName(path);
  if (named !== null) return named;
  if (path.toLowerCase().endsWith('.json')) return 'cloudbuild';
  const start = text.slice(0, MOST_LOOKED_AT);
  const keys = new Set(Array.from(start.matchAll(ROOT_KEY), ([, key]) => key));
  if (BUILDSPEC_VERSION.test(start)) return 'codebuild';
  return keys.has('steps') && !keys.has('stages') ? 'cloudbuild' : 'gitlab';
}

/** The language that a file has by its name; null: the name says nothing. */
export function languageByName(path: string): Language | null {
  const name = path.slice(path.lastIndexOf('/') + 1).toLowerCase();
  if (/gitlab-ci[^/]*\.ya?ml$/.test(name)) return 'gitlab';
  if (/^(?:.*[-_.])?buildspec(?:[-_.].*)?\.ya?ml$/.test(name)) return 'codebuild';
  if (/^(?:.*[-_.])?cloudbuild(?:[-_.].*)?\.(?:ya?ml|json)$/.test(name)) return 'cloudbuild';
  return null;
}

/** Characters of a file; who writes more than that before the first `steps:` has named the file so, too. */
const MOST_LOOKED_AT = 100_000;

/** In a `.gitlab-ci.yml` a key of this name is a job, which no number is. */
const BUILDSPEC_VERSION = /^["']?version["']?[ \t]*:[ \t]*["']?0\.[12]\b/m;

const ROOT_KEY = /^["']?([A-Za-z_]+)["']?[ \t]*:/gm;
