export type ArtifactFormat = 'zip' | 'gzip' | 'raw';

/** How a type of artifact travels (GitLab, `Enums::Ci::JobArtifact`, type and format pairs). */
export function artifactFormat(type: string): ArtifactFormat {
  if (type === 'archive' || type === 'lsif') return 'zip';
  return RAW_TYPES.has(type) ? 'raw' : 'gzip';
}

const RAW_TYPES: ReadonlySet<string> = new Set([
  'api_fuzzing',
  'browser_performance',
  'cluster_image_scanning',
  'container_scanning',
  'coverage_fuzzing',
  'dast',
  'dependency_scanning',
  'license_scanning',
  'load_performance',
  'performance',
  'requirements',
  'requirements_v2',
  'sast',
  'secret_detection',
]);
