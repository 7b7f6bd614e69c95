import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Elsewhere, OpenedTree, SourceTree } from '../../src/config/index.ts';
import { projectSources } from '../../src/local/project-sources.ts';
import { folderName, type Project } from './projects.ts';

/**
 * Answers includes from outside without a network: with the files of another project of the list where it is laid out
 * below `root`, else with the project's stand-in. `asked` gets the name of each that a stand-in answered.
 */
export function standInElsewhere(project: Project, root: string, asked: Set<string>): Elsewhere {
  const standIn = (name: string): OpenedTree => {
    asked.add(name);
    return { kind: 'opened', sha: '2'.repeat(40), files: treeOf(project.standIn) };
  };
  const found = (path: string): OpenedTree | null => {
    const repository = project.found[path];
    const folder = repository === undefined ? null : join(root, folderName(repository));
    if (folder === null || !existsSync(folder)) return null;
    return { kind: 'opened', sha: '3'.repeat(40), files: projectSources(folder) };
  };
  return {
    openProject: async (path) => found(path) ?? standIn(path),
    openComponent: async ({ project: path, name, version }) => ({
      ...(found(path) ?? standIn(`${path}/${name}`)),
      version,
    }),
    async readRemote(address) {
      asked.add(address);
      return { kind: 'text', text: project.standIn, digest: '' };
    },
    async readTemplate(name) {
      asked.add(name);
      return { kind: 'text', text: project.standIn };
    },
  };
}

/** A project that has this text under every name. */
function treeOf(text: string): SourceTree {
  return { readFile: async () => ({ kind: 'text', text }), listFiles: async () => [] };
}
