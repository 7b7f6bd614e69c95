import type { Json } from '../../../pipeline/index.ts';
import { type Node, toJson } from '../../document/index.ts';
import { attribute, type Fields, into, record } from './collections.ts';
import { attributeOf, complain, type Entry, type Position, type Shape } from './entry.ts';
import { isBlank, text } from './scalars.ts';
import { schemaChecked } from './schema-check.ts';

const DASHBOARD: Shape = {
  type: 'record',
  fields: {
    namespace: { type: 'string', minLength: 1, maxLength: 63 },
    flux_resource_path: { type: 'string', minLength: 1, maxLength: 255 },
  },
  required: ['namespace'],
};

const MANAGED: Shape = { type: 'record', fields: { enabled: { type: 'boolean' } } };

interface KubernetesKeys {
  namespace: string;
  agent: string;
  flux_resource_path: string;
  managed_resources: Json;
  dashboard: Json;
}

/** `environment:kubernetes`: the cluster that an environment is in. */
export const kubernetes: Entry<Json> = into(
  record<KubernetesKeys>({
    namespace: attribute(text()),
    agent: attribute(text()),
    flux_resource_path: attribute(text()),
    managed_resources: attribute(schemaChecked(MANAGED)),
    dashboard: attribute(schemaChecked(DASHBOARD)),
  }),
  checkedKubernetes,
);

function checkedKubernetes(
  { values, spanOf }: Fields<KubernetesKeys>,
  at: Position,
  node: Node,
): Json | undefined {
  if (node.kind === 'mapping' && node.entries.size === 0) return complain(at, node.span, "can't be blank");
  const { namespace = '', agent = '', flux_resource_path: flux = '', dashboard, managed_resources } = values;
  const needsAgent =
    !isBlank(flux) || dashboard !== undefined || fieldOf(managed_resources, 'enabled') === true;
  if (!isBlank(flux) && isBlank(namespace)) return blank('namespace');
  if (needsAgent && isBlank(agent)) return blank('agent');
  if (!isBlank(namespace) && fieldOf(dashboard, 'namespace') !== undefined) return twice('namespace');
  if (!isBlank(flux) && fieldOf(dashboard, 'flux_resource_path') !== undefined) {
    return twice('flux_resource_path');
  }
  return toJson(node);

  function blank(key: keyof KubernetesKeys): undefined {
    return complain(attributeOf(at, key), spanOf(key), "can't be blank");
  }

  function twice(key: keyof KubernetesKeys): undefined {
    const message = `cannot be specified when dashboard.${key} is set`;
    return complain(attributeOf(at, key), spanOf(key), message, { code: 'keywords-conflict' });
  }
}

function fieldOf(json: Json | undefined, key: string): Json | undefined {
  if (typeof json !== 'object' || json === null) return undefined;
  return Object.entries(json).find(([name]) => name === key)?.[1];
}
