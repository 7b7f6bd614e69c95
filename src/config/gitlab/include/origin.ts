import type { Sources, SourceTree } from '../../sources.ts';
import type { ComponentValues } from '../load-file.ts';
import { createPathQuestions } from '../path-questions.ts';
import type { RuleScope } from '../rules.ts';

/** A project at a commit, as the answer about an include names it. */
export interface IncludedProject {
  /** `group/name`; of a component on another server: `host/group/name`. */
  readonly path: string;
  /** As written; null: the head of the default branch, or the pipeline's own commit. */
  readonly ref: string | null;
  readonly sha: string | null;
}

/** Where a file was taken from, which is what its own includes are relative to. */
export interface Origin {
  /** In front of the keys of its files; empty for the pipeline's own project. */
  readonly key: string;
  /** What `local` looks at; null: the file is of no project. */
  readonly tree: SourceTree | null;
  /** In front of a path to make the name that people are shown: empty for the pipeline's own project. */
  readonly prefix: string;
  readonly project: IncludedProject | null;
  /** What `include:rules` and variables see. */
  readonly scope: RuleScope;
  /** What `$[[ component.… ]]` stands for, in a component and in what it includes of its project. */
  readonly component: ComponentValues | null;
}

export interface OriginParts {
  readonly changedFiles: readonly string[] | null;
  readonly sources: Sources;
  /** What the pipeline's own file sees. */
  readonly scope: RuleScope;
}

/** The origin of files of another project: its own files answer `local` and `exists`. */
export function projectOrigin(
  parts: OriginParts,
  project: IncludedProject,
  tree: SourceTree,
  component: ComponentValues | null,
): Origin {
  const { changedFiles, sources, scope } = parts;
  const listFiles = () => tree.listFiles();
  const paths = createPathQuestions(changedFiles, { ...sources, listFiles });
  return {
    key: `project\0${project.path}\0${project.sha ?? project.ref}\0`,
    tree,
    prefix: `${project.path}@${project.ref ?? 'HEAD'}:`,
    project,
    scope: { ...scope, paths, projectPath: project.path },
    component,
  };
}

/** The origin of a remote file or a template: it belongs to no project and sees no variables, as anybody's file. */
export function outsideOrigin({ changedFiles, sources, scope }: OriginParts): Origin {
  const listFiles = async () => [];
  const paths = createPathQuestions(changedFiles, { ...sources, listFiles });
  const nothing = () => null;
  return {
    key: 'outside\0',
    tree: null,
    prefix: '',
    project: null,
    scope: { ...scope, paths, projectPath: '', lookup: nothing, lookupExpanded: nothing },
    component: null,
  };
}
