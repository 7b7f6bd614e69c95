import { attribute, byKind, child, into, mapOf, record } from './collections.ts';
import { attributeOf, complain, type Entry } from './entry.ts';
import { boolean, text } from './scalars.ts';

const TEXT_OR_HASH = 'should be a hash or a string';
const optional = attribute(text());
const needed = attribute(text({ blank: false }));

interface VaultKeys {
  engine: unknown;
  path: string;
  field: string;
}

/** `PATH/FIELD@ENGINE`, or the three apart. */
const vault = byKind(
  {
    scalar: text({ blank: false, message: TEXT_OR_HASH }),
    mapping: record<VaultKeys>(
      {
        engine: child(
          record<{ name: string; path: string }>(
            { name: needed, path: needed },
            { requiredKeys: ['name', 'path'] },
          ),
        ),
        path: needed,
        field: needed,
      },
      { required: ['path', 'field', 'engine'] },
    ),
  },
  TEXT_OR_HASH,
);

interface NamedKeys {
  name: string;
  version: string;
}

const azureKeyVault = record<NamedKeys>({ name: needed, version: optional }, { required: ['name'] });

const gcpSecretManager = record<NamedKeys>(
  { name: needed, version: attribute(textOrInteger()) },
  { required: ['name'] },
);

interface AwsKeys {
  secret_id: string;
  version_id: string;
  version_stage: string;
  region: string;
  role_arn: string;
  role_session_name: string;
  field: string;
}

/** `SECRET#FIELD`, or the parts apart. */
const awsSecretsManager = byKind(
  {
    scalar: into(text({ blank: false, message: TEXT_OR_HASH }), (value, at, node) =>
      value.split('#').length > 2 ? complain(at, node.span, "must contain at most one '#'") : value,
    ),
    mapping: record<AwsKeys>(
      {
        secret_id: needed,
        version_id: optional,
        version_stage: optional,
        region: optional,
        role_arn: optional,
        role_session_name: optional,
        field: optional,
      },
      { required: ['secret_id'] },
    ),
  },
  TEXT_OR_HASH,
);

const AKEYLESS_KEYS = [
  'name',
  'data_key',
  'cert_user_name',
  'public_key_data',
  'csr_data',
  'uid_token',
  'gcp_audience',
  'azure_object_id',
  'k8s_service_account_token',
  'k8s_auth_config_name',
  'gateway_ca_certificate',
] as const;

const akeyless = record<Record<string, string>>(
  Object.fromEntries(AKEYLESS_KEYS.map((key) => [key, optional])),
);

const SOURCE_MESSAGE = "must follow the format group/group_full_path or 'project'";

const gitlabSecretsManager = record<{ name: string; source: string }>(
  {
    name: needed,
    source: attribute(
      into(text(), (source, at, node) =>
        /^(?:project|group\/[\w.\-/]+)$/.test(source) ? source : complain(at, node.span, SOURCE_MESSAGE),
      ),
    ),
  },
  { required: ['name'] },
);

interface SecretKeys {
  vault: unknown;
  azure_key_vault: unknown;
  gcp_secret_manager: unknown;
  akeyless: unknown;
  gitlab_secrets_manager: unknown;
  aws_secrets_manager: unknown;
  file: boolean;
  token: string;
}

const PROVIDERS = [
  'vault',
  'azure_key_vault',
  'gcp_secret_manager',
  'akeyless',
  'gitlab_secrets_manager',
  'aws_secrets_manager',
];

const secret = into(
  record<SecretKeys>(
    {
      vault: child(vault),
      azure_key_vault: child(azureKeyVault),
      gcp_secret_manager: child(gcpSecretManager),
      akeyless: child(akeyless),
      gitlab_secrets_manager: child(gitlabSecretsManager),
      aws_secrets_manager: child(awsSecretsManager),
      file: child(boolean),
      token: attribute(text()),
    },
    { oneOf: PROVIDERS },
  ),
  (fields, at, node) =>
    fields.values.gcp_secret_manager !== undefined && (fields.values.token ?? '').trim() === ''
      ? complain(attributeOf(at, 'token'), node.span, 'is required with gcp secrets manager')
      : fields,
);

/** `secrets`: for each variable, where its value is fetched from. */
export const secrets = mapOf(secret, 'should be a hash');

function textOrInteger(): Entry<string> {
  return {
    shape: { type: 'one-of', choices: [{ type: 'string' }, { type: 'integer' }] },
    read(node, at) {
      const value = node.kind === 'scalar' ? node.value : null;
      if (typeof value === 'string' || Number.isInteger(value)) return String(value);
      return complain(at, node.span, 'must be an alphanumeric string');
    },
  };
}
