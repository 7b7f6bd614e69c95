import { slugify } from '../../base/slug.ts';
import type { PipelineContext } from '../context.ts';

type Pairs = readonly (readonly [string, string])[];

/** The version whose language is followed; scripts and rules ask for it. */
const LANGUAGE_VERSION = { full: '18.7.0', major: '18', minor: '7', patch: '0' };

/** The predefined variables about the server. */
export function serverVariables({ server }: PipelineContext): Pairs {
  const url = new URL(server.url);
  return [
    ['CI', 'true'],
    ['GITLAB_CI', 'true'],
    ['GITLAB_FEATURES', ''],
    ['CI_SERVER', 'yes'],
    ['CI_SERVER_NAME', 'GitLab'],
    ['CI_SERVER_VERSION', LANGUAGE_VERSION.full],
    ['CI_SERVER_VERSION_MAJOR', LANGUAGE_VERSION.major],
    ['CI_SERVER_VERSION_MINOR', LANGUAGE_VERSION.minor],
    ['CI_SERVER_VERSION_PATCH', LANGUAGE_VERSION.patch],
    ['CI_SERVER_REVISION', ''],
    ['CI_SERVER_URL', server.url],
    ['CI_SERVER_PROTOCOL', url.protocol.replace(':', '')],
    ['CI_SERVER_HOST', url.hostname],
    ['CI_SERVER_PORT', portOf(url)],
    ['CI_SERVER_FQDN', url.host],
    ['CI_SERVER_SHELL_SSH_HOST', url.hostname],
    ['CI_SERVER_SHELL_SSH_PORT', String(server.sshPort)],
    ['CI_API_V4_URL', `${server.url}/api/v4`],
    ['CI_API_GRAPHQL_URL', `${server.url}/api/graphql`],
    ['CI_TEMPLATE_REGISTRY_HOST', 'registry.gitlab.com'],
  ];
}

/** The predefined variables about the project, its pages and the registries beside it. */
export function projectVariables(context: PipelineContext): Pairs {
  const { project, server } = context;
  const { namespace, root } = namesOf(project.path);
  const name = project.path.split('/').at(-1) ?? project.path;
  return [
    ['CI_PROJECT_ID', String(project.id)],
    ['CI_PROJECT_NAME', name],
    ['CI_PROJECT_TITLE', project.title],
    ['CI_PROJECT_DESCRIPTION', ''],
    ['CI_PROJECT_PATH', project.path],
    ['CI_PROJECT_PATH_SLUG', slugify(project.path)],
    ['CI_PROJECT_NAMESPACE', namespace],
    ['CI_PROJECT_NAMESPACE_ID', String(project.id)],
    ['CI_PROJECT_NAMESPACE_SLUG', slugify(namespace)],
    ['CI_PROJECT_ROOT_NAMESPACE', root],
    ['CI_PROJECT_ROOT_NAMESPACE_SLUG', slugify(root)],
    ['CI_PROJECT_URL', `${server.url}/${project.path}`],
    ['CI_PROJECT_VISIBILITY', project.visibility],
    ['CI_PROJECT_REPOSITORY_LANGUAGES', ''],
    ['CI_PROJECT_TOPICS', ''],
    ['CI_PROJECT_CLASSIFICATION_LABEL', ''],
    ['CI_DEFAULT_BRANCH', project.defaultBranch],
    ['CI_DEFAULT_BRANCH_SLUG', slugify(project.defaultBranch)],
    ['CI_CONFIG_PATH', project.configPath],
    ...pagesVariables(context),
    ...registryVariables(context),
  ];
}

/** On gitlab.com pages have a domain of their own; that of another server is its administrator's choice. */
function pagesVariables({ project, server }: PipelineContext): Pairs {
  const { hostname } = new URL(server.url);
  const domain = hostname === 'gitlab.com' ? 'gitlab.io' : `pages.${hostname}`;
  const { root } = namesOf(project.path);
  const host = `${slugify(root)}.${domain}`;
  const below = project.path.split('/').slice(1).join('/');
  return [
    ['CI_PAGES_DOMAIN', domain],
    ['CI_PAGES_HOSTNAME', host],
    // The project that is named for the namespace's own pages is at the top.
    ['CI_PAGES_URL', below.toLowerCase() === host ? `https://${host}` : `https://${host}/${below}`],
  ];
}

/** Where a server is known. The address of a registry is known of gitlab.com alone. */
function registryVariables({ project, server }: PipelineContext): Pairs {
  const url = new URL(server.url);
  if (url.hostname === 'localhost') return [];
  const { namespace, root } = namesOf(project.path.toLowerCase());
  const proxy = `${url.hostname}:${portOf(url)}`;
  const pairs: (readonly [string, string])[] = [
    ['CI_DEPENDENCY_PROXY_SERVER', proxy],
    ['CI_DEPENDENCY_PROXY_GROUP_IMAGE_PREFIX', `${proxy}/${root}/dependency_proxy/containers`],
    ['CI_DEPENDENCY_PROXY_DIRECT_GROUP_IMAGE_PREFIX', `${proxy}/${namespace}/dependency_proxy/containers`],
  ];
  if (url.hostname === 'gitlab.com') {
    pairs.push(
      ['CI_REGISTRY', 'registry.gitlab.com'],
      ['CI_REGISTRY_IMAGE', `registry.gitlab.com/${project.path.toLowerCase()}`],
    );
  }
  return pairs;
}

function namesOf(path: string): { readonly namespace: string; readonly root: string } {
  const parts = path.split('/');
  return { namespace: parts.slice(0, -1).join('/'), root: parts[0] ?? path };
}

function portOf(url: URL): string {
  if (url.port !== '') return url.port;
  return url.protocol === 'https:' ? '443' : '80';
}
