import { bareImage } from '../settings/map-builder.ts';

/** An image that is made for steps. */
export interface KnownBuilder {
  /** What it runs when no `entrypoint` is given. */
  readonly program: string;
  readonly what: string;
  /** An image anybody can pull that has the same program; null: none is known. */
  readonly instead: string | null;
}

/** Where builders are kept: the first two by Google, the third by everybody for themselves. */
const PREFIXES = [/^gcr\.io\/cloud-builders\//, /^gcr\.io\/google\.com\/cloudsdktool\//, /^gcr\.io\/[^/]+\//];

/** By the last part of their names. */
export const KNOWN_BUILDERS: Readonly<Record<string, KnownBuilder>> = {
  bazel: { program: 'bazel', what: 'Bazel', instead: null },
  'cloud-sdk': { program: 'gcloud', what: 'the Google Cloud command line', instead: 'google/cloud-sdk:slim' },
  'google-cloud-cli': {
    program: 'gcloud',
    what: 'the Google Cloud command line',
    instead: 'google/cloud-sdk:slim',
  },
  curl: { program: 'curl', what: 'curl', instead: 'curlimages/curl' },
  docker: { program: 'docker', what: 'the Docker command', instead: 'docker:cli' },
  dotnet: { program: 'dotnet', what: 'the .NET SDK', instead: 'mcr.microsoft.com/dotnet/sdk' },
  gcloud: { program: 'gcloud', what: 'the Google Cloud command line', instead: 'google/cloud-sdk:slim' },
  'gcs-fetcher': { program: 'gcs-fetcher', what: 'a fetcher of source archives', instead: null },
  git: { program: 'git', what: 'git', instead: 'alpine/git' },
  'gke-deploy': { program: 'gke-deploy', what: 'a deployer to Kubernetes Engine', instead: null },
  go: { program: 'go', what: 'the Go command', instead: 'golang' },
  gradle: { program: 'gradle', what: 'Gradle', instead: 'gradle' },
  gsutil: { program: 'gsutil', what: 'the command of Cloud Storage', instead: 'google/cloud-sdk:slim' },
  javac: { program: 'javac', what: 'the Java compiler', instead: 'eclipse-temurin' },
  kubectl: { program: 'kubectl', what: 'the Kubernetes command', instead: 'bitnami/kubectl' },
  mvn: { program: 'mvn', what: 'Maven', instead: 'maven' },
  npm: { program: 'npm', what: 'npm', instead: 'node' },
  twine: { program: 'twine', what: 'the uploader of Python packages', instead: null },
  wget: { program: 'wget', what: 'wget', instead: 'busybox' },
  yarn: { program: 'yarn', what: 'Yarn', instead: 'node' },
};

/** What is known of an image as a builder; null: it is none that is known. */
export function knownBuilder(image: string): KnownBuilder | null {
  const bare = bareImage(image);
  if (!PREFIXES.some((prefix) => prefix.test(bare))) return null;
  const name = bare.slice(bare.lastIndexOf('/') + 1);
  return Object.hasOwn(KNOWN_BUILDERS, name) ? (KNOWN_BUILDERS[name] ?? null) : null;
}

/** What to do when an image of a step cannot be had; null: nothing more is known of it. */
export function builderHint(image: string): string | null {
  const known = knownBuilder(image);
  if (known === null) return null;
  const to = known.instead === null ? `command: ${known.program}` : `image: ${known.instead}`;
  return `Map it in slipway.yml, for example \`builders: {${bareImage(image)}: {${to}}}\`.`;
}
