import {
  chmodSync,
  chownSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readlinkSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { release } from 'node:os';
import { join } from 'node:path';
import type { MountedVolume } from '../../executor.ts';
import type { WorkspaceLayer, WorkspaceReference } from '../../ports.ts';
import { type FstabEntry, isPlainPath, type Mount } from './mount-table.ts';

/** What a sandbox shows, and where. Names ending in `Dir` are paths inside it, all others are paths of this machine. */
export interface SandboxLayout {
  readonly scratchDir: string;
  /** A folder to show as it is, or what to show through a layer. */
  readonly workspace: string | Pick<WorkspaceLayer, 'lower'>;
  /** Shown read-only, whether there is a layer or not. */
  readonly references: readonly WorkspaceReference[];
  readonly projectDir: string;
  /** Folders of this machine that this job and others write to. */
  readonly volumes: readonly MountedVolume[];
  /** The person's home, which a private empty one hides; null where there is none to hide. */
  readonly homeDir: string | null;
  /** Sockets of this machine that jobs may use. */
  readonly sockets: readonly string[];
}

/**
 * Who sets the sandbox up. Without root the mount namespace belongs to a new user namespace, whose mounts are locked
 * together: what a mount hides may not be uncovered, so the kernel refuses a layer over a folder with mounts below it.
 */
export type Privilege = 'root' | 'user-namespace';

export interface MountPlan {
  readonly entries: readonly FstabEntry[];
  /** Folders of this machine that hold everything a job writes, but for its scratch folder and what is in memory. */
  readonly writable: readonly string[];
}

/**
 * Decides the mounts that make a job's root file system, and makes the folders they need in `layers`, which is never
 * visible inside and holds the scratch folder already:
 *
 * - the root and every other file system that holds data: its content below a throw-away writable layer on disk;
 * - what cannot be layered (network, FUSE, FAT, single files): visible, read-only;
 * - /dev and /sys as they are; /proc, /dev/shm, /tmp and the home folder private;
 * - the workspace, the scratch folder, the listed sockets.
 *
 * Synchronous: these are a dozen calls of some microseconds each, and the way through Node's threads would make them a
 * fifth of what a sandbox takes.
 *
 * All paths must be free of symbolic links: targets are resolved before the root is changed, and a link would lead
 * back out of the new root.
 */
export function planMounts(
  layout: SandboxLayout,
  layers: string,
  mounts: readonly Mount[],
  privilege: Privilege,
): MountPlan {
  const plan: Plan = { root: join(layers, 'root'), layers, privilege, folders: 0, writable: [], entries: [] };
  mkdirSync(plan.root);
  if (privilege === 'root') {
    layer(plan, '/', '/');
    for (const mount of mounts) {
      if (mount.target !== '/' && !isReplaced(mount.target, layout)) show(plan, mount);
    }
  } else {
    bind(plan, plan.root, '/', 'bind');
    rebuild(plan, '/', mounts, layout);
  }
  addPrivatePlaces(plan, layout);
  return plan;
}

interface Plan {
  readonly root: string;
  readonly layers: string;
  readonly privilege: Privilege;
  folders: number;
  readonly writable: string[];
  readonly entries: FstabEntry[];
}

/** Places that are made anew in every sandbox, and so never shown as they are. */
function isReplaced(path: string, layout: SandboxLayout): boolean {
  const replaced = ['/proc', '/sys', '/dev', '/tmp', ...ENGINE_FOLDERS];
  if (layout.homeDir !== null) replaced.push(layout.homeDir);
  return replaced.some((folder) => path === folder || path.startsWith(`${folder}/`));
}

/** Container engines keep hundreds of mounts here that are of no use to a job. */
const ENGINE_FOLDERS = ['/var/lib/docker', '/var/lib/containers', '/run/docker'];

/** Linux file systems that overlay accepts as a lower layer (they have no case folding and no remote changes). */
const LAYERED_FILE_SYSTEMS: ReadonlySet<string> = new Set([
  'ext2',
  'ext3',
  'ext4',
  'xfs',
  'btrfs',
  'bcachefs',
  'f2fs',
  'zfs',
  'tmpfs',
  'overlay',
]);

function show(plan: Plan, mount: Mount): void {
  const { target, fileSystem } = mount;
  const stats = lstatSync(target, { throwIfNoEntry: false });
  if (stats === undefined) return;
  const layered = LAYERED_FILE_SYSTEMS.has(fileSystem) && stats.isDirectory() && isPlainPath(target);
  if (layered) layer(plan, target, target);
  else bind(plan, target, target, 'bind,ro');
}

/**
 * Rebuilds a folder that has mounts below it, one level at a time: entries without mounts below are layered, the
 * others are rebuilt in turn.
 */
function rebuild(plan: Plan, folder: string, mounts: readonly Mount[], layout: SandboxLayout): void {
  for (const name of readdirSync(folder)) {
    const path = join(folder, name);
    const copy = `${plan.root}${path}`;
    const stats = lstatSync(path);
    const mount = mounts.find((candidate) => candidate.target === path);
    if (stats.isSymbolicLink()) symlinkSync(readlinkSync(path), copy);
    else if (isReplaced(path, layout)) continue;
    else if (stats.isFile()) {
      writeFileSync(copy, '');
      bind(plan, path, path, 'bind');
    } else if (layout.sockets.includes(path)) writeFileSync(copy, '');
    else if (!stats.isDirectory()) continue;
    else if (mounts.some((candidate) => candidate.target.startsWith(`${path}/`))) {
      mkdirSync(copy);
      rebuild(plan, path, mounts, layout);
    } else if (mount !== undefined) show(plan, mount);
    else if (isPlainPath(path)) layer(plan, path, path);
    else bind(plan, path, path, 'bind,ro');
  }
}

function addPrivatePlaces(plan: Plan, layout: SandboxLayout): void {
  bind(plan, '/dev', '/dev', 'rbind');
  bind(plan, '/sys', '/sys', 'rbind');
  mount(plan, 'proc', '/proc', 'proc', 'nosuid,nodev,noexec');
  mount(plan, 'shm', '/dev/shm', 'tmpfs', 'mode=1777,nosuid,nodev');
  bind(plan, writableFolder(plan, 0o1777), '/tmp', 'bind');
  if (layout.homeDir !== null) bind(plan, writableFolder(plan, 0o700), layout.homeDir, 'bind');
  for (const socket of layout.sockets) bind(plan, socket, socket, 'bind');
  for (const { folder, shownAt } of layout.references) bind(plan, folder, shownAt, 'bind,ro');
  for (const { folder, path } of layout.volumes) bind(plan, folder, path, 'bind');
  const { workspace, projectDir } = layout;
  if (typeof workspace === 'string') bind(plan, workspace, projectDir, 'bind');
  else layer(plan, workspace.lower, projectDir);
  bind(plan, join(plan.layers, 'scratch'), layout.scratchDir, 'bind');
}

/** Shows `lower` at `path`; what is written there goes to a folder among the plan's layers. */
function layer(plan: Plan, lower: string, path: string): void {
  const { mode, uid, gid } = lstatSync(lower);
  const upper = writableFolder(plan, mode & 0o7777);
  if (plan.privilege === 'root') chownSync(upper, uid, gid);
  const work = privateFolder(plan, 0o700);
  // Without root, overlay keeps its marks in user.* attributes: trusted.* is the real root's.
  const marks = plan.privilege === 'root' ? '' : ',userxattr';
  const folders = `lowerdir=${lower},upperdir=${upper},workdir=${work}`;
  mount(plan, 'overlay', path, 'overlay', `${folders}${marks}${VOLATILE}`);
}

/**
 * A layer that is thrown away needs not be on disk when it is unmounted. Without this the kernel writes everything out
 * that the whole file system of the upper folder has to write, whoever's it is (Linux 5.10, overlayfs.rst).
 */
const VOLATILE = isLinux(5, 10) ? ',volatile' : '';

function isLinux(atLeastMajor: number, atLeastMinor: number): boolean {
  const [major = 0, minor = 0] = release()
    .split('.')
    .map((part) => Number.parseInt(part, 10));
  return major > atLeastMajor || (major === atLeastMajor && minor >= atLeastMinor);
}

function writableFolder(plan: Plan, mode: number): string {
  const folder = privateFolder(plan, mode);
  plan.writable.push(folder);
  return folder;
}

function privateFolder(plan: Plan, mode: number): string {
  plan.folders += 1;
  const folder = join(plan.layers, String(plan.folders));
  mkdirSync(folder);
  chmodSync(folder, mode);
  return folder;
}

function bind(plan: Plan, source: string, path: string, how: 'bind' | 'rbind' | 'bind,ro'): void {
  mount(plan, source, path, 'none', how);
}

function mount(plan: Plan, source: string, path: string, type: string, options: string): void {
  const target = path === '/' ? plan.root : `${plan.root}${path}`;
  plan.entries.push({ source, target, type, options: `${options},X-mount.mkdir` });
}
