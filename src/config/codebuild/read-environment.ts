import type { SecretReference, Variable } from '../../pipeline/index.ts';
import type { PipelineContext } from '../context.ts';
import type { MappingNode, Node } from '../document/index.ts';
import { type PlacedText, type ValueReader, valueIn } from './buildspec-values.ts';
import { ENVIRONMENT, OLD_ENVIRONMENT } from './language/environment.ts';

export interface BuildEnvironment {
  readonly shell: 'sh' | 'bash';
  readonly variables: Readonly<Record<string, Variable>>;
  readonly secrets: Readonly<Record<string, SecretReference>>;
  readonly exported: readonly string[];
}

/** `env` of version 0.2, and `environment_variables` of 0.1. */
export function readEnvironment(
  root: MappingNode,
  version: '0.1' | '0.2',
  read: ValueReader,
): BuildEnvironment {
  const env = read.mapping(root, 'env');
  read.known(env, 'env', ENVIRONMENT);
  const old = read.mapping(root, 'environment_variables');
  read.known(old, 'environment_variables', OLD_ENVIRONMENT);
  if (old !== null && version === '0.2') {
    read.wrongVersion(old, 'environment_variables belongs to version 0.1', 'Write `env: {variables: …}`.');
  }
  const variables = ownVariables([...read.pairs(old, 'plaintext'), ...read.pairs(env, 'variables')], read);
  const secrets = readSecrets(env, read);
  read.flag(env, 'git-credential-helper');
  return {
    shell: readShell(env, read),
    variables: Object.fromEntries(
      variables
        .filter(([name, value]) => isNoSecret(name, value, secrets, read))
        .map(([name, { text }]) => [name, { value: text, expand: false }]),
    ),
    secrets,
    exported: read.texts(env, 'exported-variables').flatMap(({ text, node }) => {
      if (Object.hasOwn(secrets, text) || text.startsWith('AWS_')) {
        read.error(node, `${text} cannot be exported: it is a secret, or one of AWS's own`);
        return [];
      }
      if (/^[A-Za-z_][A-Za-z0-9_]*$/.test(text)) return [text];
      read.error(node, `${JSON.stringify(text.slice(0, 60))} is no name of a variable`);
      return [];
    }),
  };
}

/** Without those that CodeBuild sets itself, of which it warns. */
export function ownVariables<Value extends { readonly node: Node }>(
  pairs: readonly (readonly [name: string, value: Value])[],
  read: ValueReader,
): readonly (readonly [name: string, value: Value])[] {
  return pairs.filter(([name, { node }]) => {
    if (!name.startsWith('CODEBUILD_')) return true;
    read.notActedOn(node, `${name} is not set: names that begin with CODEBUILD_ are CodeBuild's own`);
    return false;
  });
}

function readShell(env: MappingNode | null, read: ValueReader): 'sh' | 'bash' {
  const shell = read.word(env, 'shell', [
    'bash',
    '/bin/bash',
    '/bin/sh',
    'sh',
    'powershell.exe',
    'cmd.exe',
  ] as const);
  const node = valueIn(env, 'shell');
  if (node !== null && (shell === 'powershell.exe' || shell === 'cmd.exe')) {
    read.error(node, `${shell} is a shell of Windows, where Slipway runs no jobs`);
  }
  return shell === 'bash' || shell === '/bin/bash' ? 'bash' : 'sh';
}

/** `parameter-store` and `secrets-manager`; of one name in both the second counts. */
function readSecrets(env: MappingNode | null, read: ValueReader): Readonly<Record<string, SecretReference>> {
  const parameters = read.pairs(env, 'parameter-store');
  const managed = new Map(read.pairs(env, 'secrets-manager'));
  for (const [name, { node }] of parameters) {
    if (managed.has(name)) read.notActedOn(node, `${name} is in secrets-manager, too, and that counts`);
  }
  return Object.fromEntries([
    ...parameters.map(([name, { text }]) => [name, parameter(text)] as const),
    ...Array.from(managed, ([name, value]) => [name, secret(value, read)] as const),
  ]);
}

/** The value of a secret is looked up last, and so it is the one that a build has. */
function isNoSecret(
  name: string,
  { node }: PlacedText,
  secrets: Readonly<Record<string, SecretReference>>,
  read: ValueReader,
): boolean {
  if (!Object.hasOwn(secrets, name)) return true;
  read.notActedOn(node, `${name} is a secret, too, and that counts`);
  return false;
}

function parameter(name: string): SecretReference {
  return { store: 'aws-parameter-store', name, jsonKey: null, version: null, versionStage: null };
}

/** `ID:JSON-KEY:VERSION-STAGE:VERSION-ID`, in which an id may be an ARN, which has six colons of its own. */
function secret({ text, node }: PlacedText, read: ValueReader): SecretReference {
  const parts = text.split(':');
  const own = text.startsWith('arn:') ? 7 : 1;
  const [jsonKey = '', versionStage = '', version = '', surplus] = parts.slice(own);
  if (parts[own - 1] === undefined || parts[own - 1] === '' || surplus !== undefined) {
    read.error(
      node,
      'A secret is ID:JSON-KEY:VERSION-STAGE:VERSION-ID, of which only the first must be there',
    );
  }
  if (versionStage !== '' && version !== '') {
    read.error(node, 'A secret has a version-stage or a version-id, not both');
  }
  return {
    store: 'aws-secrets-manager',
    name: parts.slice(0, own).join(':'),
    jsonKey: jsonKey || null,
    versionStage: versionStage || null,
    version: version || null,
  };
}

/** What CodeBuild tells a build about itself, as far as it has an equal here. */
export function codebuildVariables(context: PipelineContext): Readonly<Record<string, Variable>> {
  const { project, commit, ref, pipeline, user, server, mergeRequest, source } = context;
  const plain = (value: string): Variable => ({ value, expand: false });
  const from = (value: string): Variable => ({ value, expand: true });
  const name = project.path.replaceAll('/', '-');
  const refName = `refs/${ref.kind === 'tag' ? 'tags' : 'heads'}/${ref.name}`;
  const webhook: Readonly<Record<string, Variable>> =
    source === 'push' || source === 'merge_request_event'
      ? {
          CODEBUILD_WEBHOOK_TRIGGER: plain(
            mergeRequest === null ? `${ref.kind}/${ref.name}` : `pr/${mergeRequest.iid}`,
          ),
          CODEBUILD_WEBHOOK_EVENT: plain(mergeRequest === null ? 'PUSH' : 'PULL_REQUEST_UPDATED'),
          CODEBUILD_WEBHOOK_HEAD_REF: plain(refName),
          CODEBUILD_WEBHOOK_PREV_COMMIT: plain(commit.beforeSha),
          ...(mergeRequest === null
            ? {}
            : { CODEBUILD_WEBHOOK_BASE_REF: plain(`refs/heads/${mergeRequest.targetBranch}`) }),
        }
      : {};
  return {
    CODEBUILD_SRC_DIR: from('$CI_PROJECT_DIR'),
    CODEBUILD_BUILD_ID: from(`${name}:$CI_JOB_ID`),
    CODEBUILD_BUILD_NUMBER: plain(String(pipeline.iid)),
    CODEBUILD_INITIATOR: plain(user.login),
    CODEBUILD_PROJECT_NAME: plain(name),
    CODEBUILD_RESOLVED_SOURCE_VERSION: plain(commit.sha),
    CODEBUILD_SOURCE_VERSION: plain(refName),
    CODEBUILD_SOURCE_REPO_URL: plain(`${server.url}/${project.path}.git`),
    CODEBUILD_START_TIME: plain(String(pipeline.createdAt.getTime())),
    ...webhook,
  };
}
