/** An image's name taken apart: `registry.example.com:5000/group/app:1.2@sha256:…`. */
export interface ImageReference {
  /** `docker.io` when the name has none. */
  readonly registry: string;
  /** Everything before tag and digest, as written. */
  readonly name: string;
  readonly tag: string | null;
  readonly digest: string | null;
}

const PART = '[a-z0-9]+(?:[._-]+[a-z0-9]+)*';
const NAME = new RegExp(
  `^(?:[a-zA-Z0-9]+(?:[.-]+[a-zA-Z0-9]+)*(?::\\d+)?/)?${PART}(?:/${PART})*(?::\\w[\\w.-]{0,127})?(?:@sha256:[0-9a-f]{64})?$`,
);

/**
 * Whether the engine could know an image by this name. What it could not is never sent: the name becomes part of a
 * request's path (https://github.com/distribution/reference/blob/main/reference.go has the grammar).
 */
export function isImageName(name: string): boolean {
  return NAME.test(name);
}

/** Reads a name the way the engine does: its first part is a registry only when it cannot be a folder. */
export function parseImageReference(image: string): ImageReference {
  const at = image.indexOf('@');
  const digest = at < 0 ? null : image.slice(at + 1);
  const tagged = at < 0 ? image : image.slice(0, at);
  const colon = tagged.indexOf(':', tagged.lastIndexOf('/') + 1);
  const name = colon < 0 ? tagged : tagged.slice(0, colon);
  const first = name.slice(0, Math.max(0, name.indexOf('/')));
  return {
    registry: /[.:]/.test(first) || first === 'localhost' ? first : 'docker.io',
    name,
    tag: colon < 0 ? null : tagged.slice(colon + 1),
    digest,
  };
}

/** The name to pull: without a tag the engine would fetch every tag there is. */
export function withTag(image: string): string {
  const { tag, digest } = parseImageReference(image);
  return tag === null && digest === null ? `${image}:latest` : image;
}

/**
 * The host names a service gets from its image: without tag, digest and the registry's port, once with `__` and once
 * with `-` for `/` (https://docs.gitlab.com/ci/services/#accessing-the-services).
 */
export function serviceHostNames(image: string): readonly string[] {
  const { name } = parseImageReference(image);
  const portless = name.replace(/^([^/:]*):\d+(?=\/|$)/, '$1').toLowerCase();
  return [...new Set([portless.replaceAll('/', '__'), portless.replaceAll('/', '-')])];
}

/** Whether the image is Docker's own engine in a container, from any registry: `docker:dind`, `docker:27.1-dind-rootless`. */
export function isDockerInDocker(image: string): boolean {
  const { name, tag } = parseImageReference(image);
  return /(^|\/)docker$/.test(name) && tag !== null && /(^|-)dind(-|$)/.test(tag);
}
