import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import {
  type CacheStore,
  createFolderCacheStore,
  createLocalWorkspaces,
  type WorkspaceSource,
} from '../runner/index.ts';
import { createAwsSecrets } from './secrets/aws-secrets.ts';
import { firstOf, type SecretSource } from './secrets/secret-source.ts';
import { createSecretStore } from './secrets/secret-store.ts';
import { stateFolders } from './state-folders.ts';

/** A project whose pipelines this run may start. */
export interface KnownProject {
  readonly id: number;
  /** `group/name` */
  readonly path: string;
  readonly folder: string;
  /** Its pipeline file, from the folder. */
  readonly file: string;
}

/** Which files of a project the jobs of a pipeline get. */
export interface Checkout {
  /** null: the folder is in no repository, or one without a commit. */
  readonly commit: string | null;
  /** The commit is the one that the folder has checked out: changes to its files count. */
  readonly asItLies: boolean;
}

/** What the jobs of one project at one commit share. */
export interface RunProject {
  readonly folder: string;
  readonly workspaces: WorkspaceSource;
  readonly caches: CacheStore;
  /** Its own: the file of another project must not be able to ask for them. */
  readonly secrets: SecretSource;
}

/** The projects of one run: the person's own, and those whose folders they named. */
export interface RunProjects {
  /** By its path in any case of letters, as GitLab finds projects; null when it is not here. */
  find(path: string): KnownProject | null;
  /**
   * The project with the files of a checkout; each is copied once a run.
   * @throws AppError as createLocalWorkspaces does
   */
  open(project: KnownProject, checkout: Checkout): Promise<RunProject>;
}

export interface RunProjectsOptions {
  readonly own: KnownProject;
  /** Folders by the paths of projects. */
  readonly others: ReadonlyMap<string, string>;
  readonly includeUncommitted: boolean;
  readonly runFolder: string;
  /** AWS may be asked for what the own project's secrets do not have. */
  readonly awsSecrets: boolean;
  readonly environment: NodeJS.ProcessEnv;
  readonly warn: (message: string) => void | Promise<void>;
}

export function createRunProjects(options: RunProjectsOptions): RunProjects {
  const { own, others, includeUncommitted, runFolder, awsSecrets, environment, warn } = options;
  const known = new Map<string, KnownProject>();
  for (const [path, folder] of others) {
    known.set(path.toLowerCase(), { id: known.size + 2, path, folder, file: '.gitlab-ci.yml' });
  }
  known.set(own.path.toLowerCase(), own);
  const opened = new Map<string, Promise<RunProject>>();

  async function copy(project: KnownProject, checkout: Checkout, target: string): Promise<RunProject> {
    const { folder } = project;
    await mkdir(target, { recursive: true });
    const workspaces = await createLocalWorkspaces({
      repository: folder,
      commit: checkout.commit,
      includeUncommitted: checkout.asItLies && includeUncommitted,
      runFolder: target,
      warn,
    });
    const folders = stateFolders(folder, environment);
    const store = createSecretStore(folders.secrets);
    return {
      folder,
      workspaces,
      caches: createFolderCacheStore(folders.caches),
      secrets: project === own && awsSecrets ? firstOf([store, createAwsSecrets(environment)]) : store,
    };
  }

  return {
    find: (path) => known.get(path.toLowerCase()) ?? null,
    open(project, checkout) {
      const key = [project.folder, checkout.commit, checkout.asItLies].join('\0');
      const target =
        project === own && checkout.asItLies ? runFolder : join(runFolder, `project-${opened.size}`);
      const found = opened.get(key) ?? copy(project, checkout, target);
      opened.set(key, found);
      return found;
    },
  };
}
