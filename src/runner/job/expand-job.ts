import type { JobArtifact, JobCache, JobSpec } from '../../protocol/index.ts';
import type { JobVariables } from './job-variables.ts';

/** The caches with their variables replaced; CACHE_FALLBACK_KEY comes after each one's own fallback keys. */
export function expandCaches(job: JobSpec, variables: JobVariables): readonly JobCache[] {
  const { expand } = variables;
  const lastResort = variables.exported.get('CACHE_FALLBACK_KEY') ?? '';
  return job.caches.map((cache) => ({
    ...cache,
    key:
      cache.key.kind === 'text'
        ? { kind: 'text', text: expand(cache.key.text) }
        : {
            kind: 'files',
            files: cache.key.files.map(expand),
            prefix: cache.key.prefix === null ? null : expand(cache.key.prefix),
          },
    paths: cache.paths.map(expand),
    policy: expand(cache.policy),
    fallbackKeys: [...cache.fallbackKeys.map(expand), ...(lastResort === '' ? [] : [lastResort])],
  }));
}

/** The artifacts that are due for this outcome, with their variables replaced. Reports are always due. */
export function dueArtifacts(
  job: JobSpec,
  variables: JobVariables,
  outcome: 'success' | 'failure',
): readonly JobArtifact[] {
  const { expand } = variables;
  return job.artifacts
    .filter(({ type, when }) => type !== 'archive' || when === 'always' || when === `on_${outcome}`)
    .map((artifact) => ({
      ...artifact,
      name: artifact.name === null ? null : expand(artifact.name),
      paths: artifact.paths.map(expand),
      exclude: artifact.exclude.map(expand),
    }));
}
