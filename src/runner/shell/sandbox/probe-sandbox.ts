import { mkdir, mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError } from '../../../base/app-error.ts';
import { removeTree } from '../../folder/remove-tree.ts';
import type { Privilege } from './mount-plan.ts';
import { startRoot } from './prepared-root.ts';
import { startSandbox } from './sandbox.ts';

export type SandboxSupport =
  | { readonly kind: 'possible'; readonly privilege: Privilege }
  /** A sentence without its full stop. */
  | { readonly kind: 'impossible'; readonly reason: string };

/**
 * Finds out whether sandboxes work by making one: kernels, containers and hardened systems refuse the needed calls in
 * more ways than could be asked for. Takes about as long as one job's sandbox.
 */
export async function probeSandbox(options: {
  readonly scratchRoot: string;
  readonly shell: string;
  readonly environment: Readonly<Record<string, string>>;
}): Promise<SandboxSupport> {
  if (process.platform !== 'linux') {
    return { kind: 'impossible', reason: `There are no namespaces on ${process.platform}` };
  }
  await mkdir(options.scratchRoot, { recursive: true, mode: 0o700 });
  const folder = await mkdtemp(join(options.scratchRoot, 'probe-'));
  const privilege: Privilege = process.geteuid?.() === 0 ? 'root' : 'user-namespace';
  try {
    await mkdir(join(folder, 'lower'));
    const layout = {
      scratchDir: '/builds/probe.tmp',
      workspace: { lower: join(folder, 'lower') },
      references: [],
      volumes: [],
      projectDir: '/builds/probe',
      homeDir: null,
      sockets: [],
    };
    const { shell, environment } = options;
    const { signal } = new AbortController();
    const root = await startRoot({ layout, parent: folder, privilege, shell, environment }, signal);
    const sandbox = await startSandbox(root, layout.projectDir, signal);
    await sandbox.end();
    await root.end();
    return { kind: 'possible', privilege };
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return { kind: 'impossible', reason: error.message };
  } finally {
    await removeTree(folder);
  }
}
