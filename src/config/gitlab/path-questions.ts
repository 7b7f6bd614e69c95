import { compileGlob, isPlainPath } from '../../base/glob.ts';
import type { Sources } from '../sources.ts';

/**
 * What `changes` and `exists` ask about the files of a pipeline. Thousands of jobs ask the same few questions, so
 * answers are kept for the life of the object: one per pipeline.
 */
export interface PathQuestions {
  /** `rules:changes`, patterns already expanded. `compareTo`: the ref of `compare_to`, null for the pipeline's own diff. */
  changed(patterns: readonly string[], compareTo: string | null): PathAnswer | Promise<PathAnswer>;
  /** `rules:exists`, patterns already expanded. */
  exists(patterns: readonly string[]): PathAnswer | Promise<PathAnswer>;
  /** `rules:exists:project`: the same of another project at a ref; null: the head of its default branch. */
  existsIn(
    project: string,
    ref: string | null,
    patterns: readonly string[],
  ): PathAnswer | Promise<PathAnswer>;
}

export interface PathAnswer {
  readonly matches: boolean;
  /** The first paths that matched, at most ten; for showing. */
  readonly paths: readonly string[];
  /** Why it is true although no path was looked at, or why the question has no answer. */
  readonly remark: PathRemark | null;
}

export type PathRemark =
  | 'no-diff-known'
  | 'too-many-comparisons'
  | 'invalid-ref'
  | 'no-such-project'
  | 'project-unavailable';

/** Above this GitLab stops comparing and takes the clause for fulfilled. */
const MAX_COMPARISONS = 50_000;
const SHOWN_PATHS = 10;

export function createPathQuestions(
  changedFiles: readonly string[] | null,
  sources: Pick<Sources, 'listFiles' | 'changedSince' | 'elsewhere'>,
): PathQuestions {
  const answers = new Map<string, PathAnswer | Promise<PathAnswer>>();
  const others = new Map<string, Promise<ProjectFiles>>();
  let files: Promise<ProjectFiles> | null = null;

  function once(key: string, ask: () => PathAnswer | Promise<PathAnswer>): PathAnswer | Promise<PathAnswer> {
    const known = answers.get(key);
    if (known !== undefined) return known;
    const answer = ask();
    answers.set(key, answer);
    return answer;
  }

  return {
    changed(patterns, compareTo) {
      return once(`changed\0${compareTo ?? ''}\0${patterns.join('\0')}`, () =>
        compareTo === null
          ? answerChanged(patterns, changedFiles)
          : sources
              .changedSince(compareTo)
              .then((paths) =>
                paths === null ? remark(false, 'invalid-ref') : answerChanged(patterns, paths),
              ),
      );
    },
    exists(patterns) {
      files ??= sources.listFiles().then(toProjectFiles);
      const listed = files;
      return once(`exists\0${patterns.join('\0')}`, async () => answerExists(patterns, await listed));
    },
    existsIn(project, ref, patterns) {
      return once(`exists in\0${project}\0${ref}\0${patterns.join('\0')}`, async () => {
        const opened = await sources.elsewhere.openProject(project, ref);
        if (opened.kind !== 'opened') return remark(false, WHY_NOT[opened.kind]);
        const key = `${project}\0${ref}`;
        const listing = others.get(key) ?? opened.files.listFiles().then(toProjectFiles);
        others.set(key, listing);
        return answerExists(patterns, await listing);
      });
    },
  };
}

const WHY_NOT = {
  'no-project': 'no-such-project',
  'no-ref': 'invalid-ref',
  unavailable: 'project-unavailable',
} as const;

function answerChanged(patterns: readonly string[], paths: readonly string[] | null): PathAnswer {
  if (paths === null) return remark(true, 'no-diff-known');
  const globs = [...new Set(patterns)];
  if (globs.length * paths.length > MAX_COMPARISONS) return remark(true, 'too-many-comparisons');
  return found(matchingPaths(globs, paths));
}

interface ProjectFiles {
  readonly all: readonly string[];
  readonly names: ReadonlySet<string>;
  readonly topLevel: readonly string[];
}

function toProjectFiles(all: readonly string[]): ProjectFiles {
  return { all, names: new Set(all), topLevel: all.filter((path) => !path.includes('/')) };
}

/** Plain paths are looked up, `**` with an extension compares endings, and only the rest counts as comparisons. */
function answerExists(patterns: readonly string[], files: ProjectFiles): PathAnswer {
  const plain = patterns.filter(isPlainPath);
  const exact = plain.flatMap((path) => findPlain(path, files) ?? []);
  if (exact.length > 0) return found(exact);

  const wild = patterns.filter((pattern) => !isPlainPath(pattern));
  const endings = wild.flatMap((pattern) => extensionOf(pattern) ?? []);
  const byEnding = firstPaths(files.all, (path) => endings.some((ending) => path.endsWith(ending)));
  if (byEnding.length > 0) return found(byEnding);

  const globs = wild.filter((pattern) => extensionOf(pattern) === null);
  const paths = patterns.every(looksAtTopLevel) ? files.topLevel : files.all;
  if (globs.length * paths.length > MAX_COMPARISONS) return remark(true, 'too-many-comparisons');
  return found(matchingPaths(globs, paths));
}

/** `dir/` is any file below; `dir` without the slash is a file of that name. */
function findPlain(path: string, files: ProjectFiles): string | null {
  if (path === '') return null;
  if (path.endsWith('/')) return files.all.find((file) => file.startsWith(path)) ?? null;
  return files.names.has(path) ? path : null;
}

/** `.py` of `**` + `/*.py`; null for any other pattern. */
function extensionOf(pattern: string): string | null {
  const rest = pattern.startsWith('**/*') ? pattern.slice(4) : pattern;
  return rest.startsWith('.') && !rest.includes('/') && isPlainPath(rest) ? rest : null;
}

function looksAtTopLevel(pattern: string): boolean {
  return !pattern.includes('/') && !pattern.includes('**');
}

function matchingPaths(patterns: readonly string[], paths: readonly string[]): readonly string[] {
  const globs = patterns.map(compileGlob);
  return firstPaths(paths, (path) => globs.some((glob) => glob.matches(path)));
}

function firstPaths(paths: readonly string[], matches: (path: string) => boolean): readonly string[] {
  const first: string[] = [];
  for (const path of paths) {
    if (!matches(path)) continue;
    first.push(path);
    if (first.length === SHOWN_PATHS) break;
  }
  return first;
}

function found(paths: readonly string[]): PathAnswer {
  return { matches: paths.length > 0, paths, remark: null };
}

function remark(matches: boolean, reason: PathRemark): PathAnswer {
  return { matches, paths: [], remark: reason };
}
