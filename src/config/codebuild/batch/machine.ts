import type { Image } from '../../../pipeline/index.ts';
import type { MappingNode } from '../../document/index.ts';
import { mapBuilder } from '../../settings/map-builder.ts';
import type { BuilderMapping } from '../../settings/settings.ts';
import { type PlacedText, type ValueReader, valueIn } from '../buildspec-values.ts';
import { BUILD_ENVIRONMENT } from '../language/batch.ts';
import { ownVariables } from '../read-environment.ts';
import type { Machine } from './batch.ts';

/** `env` of a build, as it was written. */
export interface WrittenMachine {
  readonly image: PlacedText | null;
  readonly type: PlacedText | null;
  readonly variables: readonly (readonly [name: string, value: PlacedText])[];
}

/** Reads `env` of a build, or what all builds of a matrix have in common. */
export function readMachine(build: MappingNode | null, place: string, read: ValueReader): WrittenMachine {
  const env = read.mapping(build, 'env');
  read.known(env, `${place}.env`, BUILD_ENVIRONMENT);
  read.text(env, 'compute-type');
  const fleet = read.text(env, 'fleet');
  if (fleet !== null && valueIn(env, 'compute-type') !== null) {
    read.error(fleet.node, 'A build has either a compute-type or a fleet');
  }
  const privileged = valueIn(env, 'privileged-mode');
  if (read.flag(env, 'privileged-mode') && privileged !== null) {
    read.notActedOn(
      privileged,
      'privileged-mode: no Docker daemon is started in the build; `slipway run --engine-socket` gives it the one of this machine',
    );
  }
  return {
    image: read.text(env, 'image'),
    type: read.text(env, 'type'),
    variables: ownVariables(read.pairs(env, 'variables'), read),
  };
}

/** Windows and macOS are errors: no job runs there. `images`: those that builds of this type run in. */
export function checkMachine(
  type: PlacedText | null,
  images: readonly PlacedText[],
  read: ValueReader,
): void {
  for (const image of images) if (/^aws\/codebuild\/windows/i.test(image.text)) noJobsThere(image, read);
  if (type === null) return;
  const { text, node } = type;
  if (/^(?:WINDOWS|MAC)/i.test(text)) noJobsThere(type, read);
  else if (/GPU/i.test(text)) read.notActedOn(node, `type: ${text} asks for no graphics processor here`);
  else if (isArm(type) && images.length === 0)
    read.notActedOn(node, `type: without an image a build runs on the machine that there is, not on ${text}`);
}

function noJobsThere({ text, node }: PlacedText, read: ValueReader): void {
  read.error(
    node,
    `${text} is no Linux, and Slipway runs no jobs elsewhere`,
    'With `codebuild: {batch: false}` in slipway.yml the file is run as one build.',
  );
}

function isArm(type: PlacedText | null): boolean {
  return type !== null && /^ARM_/i.test(type.text);
}

/** What a build has for it. */
export function machineOf(
  { image, type, variables }: WrittenMachine,
  builders: readonly BuilderMapping[],
): Machine {
  const plain = (value: string) => ({ value, expand: false });
  return {
    image: image === null ? null : imageOf(image.text, isArm(type), builders),
    variables: {
      ...(image === null ? {} : { CODEBUILD_BUILD_IMAGE: plain(image.text) }),
      ...Object.fromEntries(variables.map(([name, { text }]) => [name, plain(text)])),
    },
  };
}

/** Where AWS lets everybody pull the images that it calls `aws/codebuild/…`. */
const PUBLIC = 'public.ecr.aws/codebuild/';

function imageOf(written: string, isArm: boolean, builders: readonly BuilderMapping[]): Image {
  const mapped = mapBuilder(written, builders);
  return {
    name: mapped?.kind === 'image' ? mapped.name : written.replace(/^aws\/codebuild\//, PUBLIC),
    entrypoint: null,
    pullPolicy: [],
    platform: isArm ? 'linux/arm64' : null,
    user: null,
  };
}
