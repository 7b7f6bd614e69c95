import type { Image, Variables } from '../../../pipeline/index.ts';
import type { MappingNode } from '../../document/index.ts';
import type { BuilderMapping } from '../../settings/settings.ts';
import type { PlacedText, ValueReader } from '../buildspec-values.ts';

/** What `batch` of a buildspec asks for. */
export interface Batch {
  /** The first build that fails, and whose failure is not ignored, stops all others. */
  readonly failsFast: boolean;
  readonly builds: readonly BatchBuild[];
}

export interface BatchBuild {
  /** What its job is called; no two are the same. */
  readonly name: string;
  /** What the build knows itself by. */
  readonly identifier: string;
  /** Where it is written. */
  readonly node: MappingNode;
  /** The path of its own buildspec; null: the one that the batch is in. */
  readonly buildspec: PlacedText | null;
  readonly machine: Machine;
  /** Its failure does not fail the batch, and builds that depend on it run all the same. */
  readonly ignoresFailure: boolean;
  /** The builds that come before it, by their names; null: it is not asked, as in every kind but a graph. */
  readonly dependsOn: readonly string[] | null;
}

/** What a build has in place of what the project says. */
export interface Machine {
  /** null: whatever the run has. */
  readonly image: Image | null;
  /** They win over those of the buildspec, also over its secrets. */
  readonly variables: Variables;
}

/** What reads a batch. */
export interface BatchReader {
  readonly read: ValueReader;
  /** What takes the place of images. */
  readonly builders: readonly BuilderMapping[];
}

/** The most builds that a batch of CodeBuild may have. */
export const MOST_BUILDS = 100;
