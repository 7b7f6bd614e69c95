import { AppError } from '../../../base/app-error.ts';
import type { FetchSurroundings } from './mirror.ts';
import { networkGit } from './network-git.ts';
import type { RepositoryAddress } from './repository-address.ts';

/** What a job wants of its repository's submodules, by GIT_SUBMODULE_* (docs/ci/runners/configure_runners). */
export interface WantedSubmodules {
  readonly isRecursive: boolean;
  /** Pathspecs; empty: all. */
  readonly paths: readonly string[];
  /** 0: the whole history. */
  readonly depth: number;
  /** Addresses of this server for ssh are taken for those of HTTP. */
  readonly overHttp: boolean;
}

/** @param depth of the repository itself. null: they stay empty folders. */
export function wantedSubmodules(
  variables: ReadonlyMap<string, string>,
  depth: number,
): WantedSubmodules | null {
  const strategy = variables.get('GIT_SUBMODULE_STRATEGY') ?? 'none';
  if (strategy !== 'normal' && strategy !== 'recursive') return null;
  const own = Number(variables.get('GIT_SUBMODULE_DEPTH') ?? Number.NaN);
  return {
    isRecursive: strategy === 'recursive',
    paths: (variables.get('GIT_SUBMODULE_PATHS') ?? '').split(/\s+/).filter((path) => path !== ''),
    depth: Number.isSafeInteger(own) && own >= 0 ? own : depth,
    overHttp: variables.get('GIT_SUBMODULE_FORCE_HTTPS') === 'true',
  };
}

/**
 * Fetches the submodules of a checkout and checks them out. The job's token is for its own server alone.
 *
 * @throws AppError `sources-not-fetched`; the signal's reason when aborted.
 */
export async function fetchSubmodules(
  checkout: string,
  address: RepositoryAddress,
  wanted: WantedSubmodules,
  surroundings: FetchSurroundings,
): Promise<void> {
  const { host, hostname } = new URL(address.url);
  const shorthands = [`git@${hostname}:`, `ssh://git@${host}/`, `ssh://git@${hostname}/`];
  const failure = await networkGit({
    folder: checkout,
    address,
    surroundings,
    config: wanted.overHttp ? shorthands.map((from) => `url.${address.origin}/.insteadOf=${from}`) : [],
    args: [
      ...['submodule', '--quiet', 'update', '--init', '--force'],
      ...(wanted.isRecursive ? ['--recursive'] : []),
      ...(wanted.depth > 0 ? [`--depth=${wanted.depth}`] : []),
      ...['--', ...wanted.paths],
    ],
  });
  if (failure === null) return;
  throw new AppError('sources-not-fetched', `The submodules could not be fetched: ${failure}.`, {
    hint: 'A project that is not public must let this one in, and its address in .gitmodules be one of HTTP or relative.',
  });
}
