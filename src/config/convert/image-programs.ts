import { knownBuilder } from '../cloudbuild/builders.ts';
import { bareImage } from '../settings/map-builder.ts';

/**
 * The program that an image runs its arguments with. An empty text: the arguments are a command themselves. null: not
 * known. A job of GitLab runs a shell in the image, so what the image would have run has to be written down.
 */
export function programOf(image: string): string | null {
  const bare = bareImage(image).replace(/^(?:docker\.io\/)?(?:library\/)?/, '');
  const builder = knownBuilder(bare);
  if (builder !== null) return SDK.test(bare) ? '' : builder.program;
  if (PLAIN.has(bare)) return '';
  return Object.hasOwn(PROGRAMS, bare) ? (PROGRAMS[bare] ?? null) : null;
}

/** The images of the whole SDK have no entrypoint, unlike the builder `gcloud`. */
const SDK = /\/google\.com\/cloudsdktool\//;

const PROGRAMS: Readonly<Record<string, string>> = {
  'alpine/git': 'git',
  'alpine/helm': 'helm',
  'amazon/aws-cli': 'aws',
  'bitnami/kubectl': 'kubectl',
  docker: 'docker',
  'hashicorp/packer': 'packer',
  'hashicorp/terraform': 'terraform',
};

/** Images without an entrypoint, or with one that runs any program it is given. */
const PLAIN: ReadonlySet<string> = new Set([
  ...(
    'alpine amazoncorretto amazonlinux archlinux buildpack-deps busybox centos clojure debian eclipse-temurin ' +
    'elixir erlang fedora gcc golang gradle haskell julia maven node openjdk perl php pypy python ruby rust swift ubuntu'
  ).split(' '),
  'curlimages/curl',
  'google/cloud-sdk',
  'mcr.microsoft.com/dotnet/sdk',
]);
