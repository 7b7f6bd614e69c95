import type { Environment, Json } from '../../../pipeline/index.ts';
import { attribute, byKind, checkedChild, type Fields, into, record } from './collections.ts';
import { attributeOf, complain, type Entry, type Position } from './entry.ts';
import { kubernetes } from './kubernetes.ts';
import { isBlank, matching, text, word } from './scalars.ts';

const NAME_MESSAGE =
  "can contain only letters, digits, '-', '_', '/', '$', '{', '}', '.', and spaces, but it cannot start or end with '/'";
const NAME = /^(?!\/)[\w\-./ ${}]+(?<!\/)$/;
const TIERS = ['production', 'staging', 'testing', 'development', 'other'] as const;

interface EnvironmentKeys {
  name: string;
  url: string;
  action: Environment['action'];
  on_stop: string;
  auto_stop_in: string;
  deployment_tier: (typeof TIERS)[number];
  kubernetes: Json;
}

/** `environment`: where a job deploys to, by name or with its particulars. */
export const environment: Entry<Environment> = byKind(
  {
    scalar: into(matching(NAME, text({ message: 'should be a hash or a string' })), (name, at, node) =>
      environmentOf({ values: { name }, spanOf: () => node.span }, at),
    ),
    mapping: into(
      record<EnvironmentKeys>(
        {
          name: attribute(matching(NAME, text({ message: NAME_MESSAGE }))),
          url: attribute(text({ maxLength: 255 })),
          action: attribute(
            word<Environment['action']>(
              ['start', 'stop', 'prepare', 'verify', 'access'],
              'should be start, stop, prepare, verify, or access',
            ),
          ),
          on_stop: attribute(text()),
          auto_stop_in: attribute(text()),
          deployment_tier: attribute(
            word(TIERS, 'must be one of production, staging, testing, development, other'),
          ),
          kubernetes: checkedChild(kubernetes, (node) => node.kind === 'mapping', 'should be a hash'),
        },
        { required: ['name'] },
      ),
      environmentOf,
    ),
  },
  'should be a hash or a string',
);

function environmentOf({ values, spanOf }: Fields<EnvironmentKeys>, at: Position): Environment | undefined {
  const { name = '' } = values;
  const nameAt = attributeOf(at, 'name');
  if (isBlank(name)) return complain(nameAt, spanOf('name'), "can't be blank");
  if (!NAME.test(name)) return complain(nameAt, spanOf('name'), NAME_MESSAGE);
  return {
    name,
    url: values.url ?? null,
    action: values.action ?? 'start',
    onStop: values.on_stop ?? null,
    autoStopIn: values.auto_stop_in ?? null,
    deploymentTier: values.deployment_tier ?? null,
    kubernetes: values.kubernetes ?? null,
  };
}
