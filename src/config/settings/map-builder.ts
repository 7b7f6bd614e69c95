import type { BuilderMapping } from './settings.ts';

/**
 * What takes the place of an image: the mapping of its exact name, of its name without tag and digest, or that with the
 * longest start. Null: the image is used as it is.
 */
export function mapBuilder(image: string, builders: readonly BuilderMapping[]): BuilderMapping['to'] | null {
  const bare = bareImage(image);
  let best: BuilderMapping | null = null;
  for (const builder of builders) {
    if (builder.image === image) return builder.to;
    if (rank(builder, image, bare) > (best === null ? -1 : rank(best, image, bare))) best = builder;
  }
  return best?.to ?? null;
}

function rank({ image }: BuilderMapping, wanted: string, bare: string): number {
  if (image === bare) return Number.POSITIVE_INFINITY;
  return image.endsWith('*') && wanted.startsWith(image.slice(0, -1)) ? image.length : -1;
}

/** Without `:tag` and `@sha256:…`. */
export function bareImage(image: string): string {
  const [name = ''] = image.split('@');
  const colon = name.lastIndexOf(':');
  return colon > name.lastIndexOf('/') ? name.slice(0, colon) : name;
}
