import type { Artifacts, Json } from '../../pipeline/index.ts';
import { publishesPages } from './entries/pages.ts';
import type { ParsedBuild } from './parsed.ts';

/** The artifacts of a job; one that publishes pages always keeps the folder that it publishes. */
export function artifactsWithPages(job: string, build: ParsedBuild): Artifacts | null {
  const { artifacts, carried } = build;
  if (!publishesPages(job, carried.pages)) return artifacts;
  const path = publishedPath(carried);
  if (artifacts === null) return { ...NO_ARTIFACTS, paths: [path] };
  return artifacts.paths.includes(path) ? artifacts : { ...artifacts, paths: [...artifacts.paths, path] };
}

function publishedPath({ pages, publish }: Readonly<Record<string, Json>>): string {
  const own = fieldOf(pages, 'publish') ?? publish;
  return typeof own === 'string' ? own : 'public';
}

function fieldOf(json: Json | undefined, key: string): Json | undefined {
  if (typeof json !== 'object' || json === null) return undefined;
  return Object.entries(json).find(([name]) => name === key)?.[1];
}

const NO_ARTIFACTS: Artifacts = {
  name: null,
  paths: [],
  exclude: [],
  untracked: false,
  when: 'on_success',
  expireIn: null,
  exposeAs: null,
  access: 'all',
  reports: {},
};
