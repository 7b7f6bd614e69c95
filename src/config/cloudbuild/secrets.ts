import type { Problem } from '../../base/problem.ts';
import type { SecretReference } from '../../pipeline/index.ts';
import { type MappingNode, type Node, problemAt } from '../document/index.ts';
import { mappingIn, mappingsIn, textIn, textsIn } from './language/values.ts';
import type { Substitution } from './substitution/substitute.ts';

/** The secrets of a build, by the variable that steps ask for. */
export interface BuildSecrets {
  /** What a step sees: what `options` gives all, and what it asks for. */
  of(step: MappingNode, place: string): Readonly<Record<string, SecretReference>>;
  /** Reports those that no step has asked for; called when all steps are read. */
  checkUnused(): void;
}

interface Defined {
  readonly reference: SecretReference;
  readonly node: Node;
}

/** Reads `availableSecrets` and `secrets`. */
export function readSecrets(
  build: MappingNode,
  substitution: Substitution,
  problems: Problem[],
): BuildSecrets {
  const defined = new Map<string, Defined>();
  const report = (node: Node, message: string, hint: string | null = null): void => {
    problems.push(problemAt(node.span, { code: 'cloudbuild-secret', message, hint }));
  };
  const define = (name: string, node: Node, reference: SecretReference): void => {
    if (defined.has(name)) report(node, `The secret variable ${name} is defined twice`);
    else defined.set(name, { reference, node });
  };

  const available = mappingIn(build, 'availableSecrets');
  for (const secret of mappingsIn(available, 'secretManager')) {
    const version = textIn(secret, 'versionName');
    const name = textIn(secret, 'env');
    if (version === null || name === null) continue;
    const reference = managedSecret(substitution.expand(version));
    if (reference === null)
      report(
        version.node,
        'versionName should be `projects/P/secrets/S/versions/V`',
        'The newest version is `latest`.',
      );
    else define(name.text, name.node, reference);
  }
  const encrypted = [
    ...mappingsIn(available, 'inline').map((secret) => ({ secret, map: mappingIn(secret, 'envMap') })),
    ...mappingsIn(build, 'secrets').map((secret) => ({ secret, map: mappingIn(secret, 'secretEnv') })),
  ];
  for (const { secret, map } of encrypted) {
    const key = textIn(secret, 'kmsKeyName');
    if (key !== null) substitution.expand(key);
    for (const [name, entry] of map?.entries ?? []) define(name, entry.key, encryptedSecret(name));
  }

  const used = new Set<string>();
  const forAll = textsIn(mappingIn(build, 'options'), 'secretEnv');
  return {
    of(step, place) {
      const found: [string, SecretReference][] = [];
      const own = textsIn(step, 'secretEnv');
      for (const { text, node } of [...forAll, ...own]) {
        const secret = defined.get(text);
        if (secret === undefined) {
          if (!used.has(text)) {
            report(
              node,
              `${place} asks for the secret variable ${text}, which availableSecrets does not define`,
            );
          }
        } else if (found.some(([name]) => name === text))
          report(node, `${place} has the secret variable ${text} twice`);
        else found.push([text, secret.reference]);
        used.add(text);
      }
      return Object.fromEntries(found);
    },
    checkUnused() {
      for (const [name, { node }] of defined)
        if (!used.has(name))
          report(
            node,
            `No step asks for the secret variable ${name}`,
            `Name it in the \`secretEnv\` of a step.`,
          );
    },
  };
}

function managedSecret(text: string): SecretReference | null {
  const [, name, version] =
    /^(projects\/[^/]+(?:\/locations\/[^/]+)?\/secrets\/[^/]+)\/versions\/([^/]+)$/.exec(text) ?? [];
  if (name === undefined || version === undefined) return null;
  return {
    store: 'google-secret-manager',
    name,
    jsonKey: null,
    version: version === 'latest' ? null : version,
    versionStage: null,
  };
}

/** Only the project's own secret by the variable's name can take its place: nothing decrypts it. */
function encryptedSecret(name: string): SecretReference {
  return { store: 'google-kms', name, jsonKey: null, version: null, versionStage: null };
}
