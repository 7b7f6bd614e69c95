import type { Artifacts } from '../../pipeline/index.ts';
import type { MappingNode } from '../document/index.ts';
import type { ValueReader } from './buildspec-values.ts';
import { readArtifacts } from './read-artifacts.ts';
import { readReports } from './read-reports.ts';
import type { ArtifactsScript } from './script/artifacts-function.ts';
import { EXPORTED_FILE } from './script/export-functions.ts';

/**
 * What a build leaves behind: `artifacts` and `reports` together, because a job has one archive. CodeBuild tries to
 * upload it whatever became of the build. null when there is nothing. `script`: what the build does for it itself.
 */
export function readOutputs(
  root: MappingNode,
  exported: readonly string[],
  read: ValueReader,
): { readonly artifacts: Artifacts | null; readonly script: ArtifactsScript | null } {
  const { name, paths, exclude, script } = readArtifacts(root, read);
  const { parsed, others } = readReports(root, read);
  const reports = { ...parsed, ...(exported.length === 0 ? {} : { dotenv: [EXPORTED_FILE] }) };
  const kept = [...paths, ...others];
  if (kept.length === 0 && Object.keys(reports).length === 0) return { artifacts: null, script };
  return {
    artifacts: {
      name,
      paths: kept,
      exclude,
      untracked: false,
      when: 'always',
      expireIn: null,
      exposeAs: null,
      access: 'all',
      reports,
    },
    script,
  };
}
