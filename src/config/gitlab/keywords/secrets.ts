import type { Keywords } from './keyword.ts';

/** Where secrets come from, and what a job signs in with. */
export const SECRETS: Keywords = {
  'job:id_tokens:NAME:aud': {
    text: 'For whom the token is: one name or several. The other side refuses tokens that are for somebody else.',
    example: 'id_tokens:\n  VAULT_TOKEN:\n    aud: [https://vault.example.org]',
  },
  'job:secrets:NAME:file': {
    text: '`true` (the rule) writes the secret to a file and puts its path into the variable; `false` puts the secret itself there.',
    example: 'secrets:\n  DATABASE_PASSWORD:\n    vault: production/db/password@ops\n    file: false',
  },
  'job:secrets:NAME:token': {
    text: 'The variable with the token to sign in with, one of the `id_tokens` of the job.',
    example:
      'id_tokens:\n  VAULT_TOKEN: {aud: https://vault.example.org}\nsecrets:\n  DATABASE_PASSWORD:\n    vault: production/db/password@ops\n    token: $VAULT_TOKEN',
  },
  'job:secrets:NAME:vault': {
    text: 'A secret of HashiCorp Vault: `PATH/FIELD@ENGINE`, or the parts as a mapping.',
    example:
      'secrets:\n  DATABASE_PASSWORD:\n    vault:\n      engine: {name: kv-v2, path: ops}\n      path: production/db\n      field: password',
  },
  'job:secrets:NAME:vault:engine': { text: 'The secrets engine, with its `name` and `path`.' },
  'job:secrets:NAME:vault:engine:name': { text: 'The kind of engine, such as `kv-v2`.' },
  'job:secrets:NAME:vault:engine:path': { text: 'Where the engine is mounted.' },
  'job:secrets:NAME:vault:path': { text: 'The path of the secret.' },
  'job:secrets:NAME:vault:field': { text: 'The field of the secret that is taken.' },
  'job:secrets:NAME:azure_key_vault': {
    text: 'A secret of an Azure Key Vault.',
    example: 'secrets:\n  DATABASE_PASSWORD:\n    azure_key_vault:\n      name: db-password',
  },
  'job:secrets:NAME:azure_key_vault:name': { text: 'The name of the secret.' },
  'job:secrets:NAME:azure_key_vault:version': { text: 'The version of it; the newest without the keyword.' },
  'job:secrets:NAME:gcp_secret_manager': {
    text: 'A secret of the Secret Manager of Google Cloud. It needs a `token`.',
    example:
      'id_tokens:\n  CLOUD_TOKEN: {aud: https://iam.example.org}\nsecrets:\n  DATABASE_PASSWORD:\n    gcp_secret_manager:\n      name: db-password\n    token: $CLOUD_TOKEN',
  },
  'job:secrets:NAME:gcp_secret_manager:name': { text: 'The name of the secret.' },
  'job:secrets:NAME:gcp_secret_manager:version': {
    text: 'The version of it, a number or a name; `latest` without the keyword.',
  },
  'job:secrets:NAME:aws_secrets_manager': {
    text: 'A secret of the Secrets Manager of AWS: `SECRET#FIELD`, or the parts as a mapping.',
    example: 'secrets:\n  DATABASE_PASSWORD:\n    aws_secrets_manager: production/db#password',
  },
  'job:secrets:NAME:aws_secrets_manager:secret_id': { text: 'The name or ARN of the secret.' },
  'job:secrets:NAME:aws_secrets_manager:version_id': { text: 'The version of it, by its number.' },
  'job:secrets:NAME:aws_secrets_manager:version_stage': {
    text: 'The version of it, by its label, such as `AWSCURRENT`.',
  },
  'job:secrets:NAME:aws_secrets_manager:region': { text: 'The region that the secret is in.' },
  'job:secrets:NAME:aws_secrets_manager:role_arn': { text: 'The role to take on.' },
  'job:secrets:NAME:aws_secrets_manager:role_session_name': {
    text: 'The name of the session with that role.',
  },
  'job:secrets:NAME:aws_secrets_manager:field': { text: 'The field of the secret that is taken.' },
  'job:secrets:NAME:gitlab_secrets_manager': {
    text: "A secret of GitLab's own Secrets Manager.",
    example: 'secrets:\n  DATABASE_PASSWORD:\n    gitlab_secrets_manager:\n      name: db-password',
  },
  'job:secrets:NAME:gitlab_secrets_manager:name': { text: 'The name of the secret.' },
  'job:secrets:NAME:gitlab_secrets_manager:source': {
    text: 'Whose secret it is: `project`, or `group/` with the full path of a group.',
  },
  'job:secrets:NAME:akeyless': {
    text: 'A secret of Akeyless.',
    example: 'secrets:\n  DATABASE_PASSWORD:\n    akeyless:\n      name: /production/db-password',
  },
  'job:secrets:NAME:akeyless:name': { text: 'The path of the secret.' },
  'job:secrets:NAME:akeyless:data_key': { text: 'The key of the secret that is taken.' },
  'job:secrets:NAME:akeyless:cert_user_name': { text: 'The user name in an SSH certificate.' },
  'job:secrets:NAME:akeyless:public_key_data': { text: 'The public key of an SSH certificate.' },
  'job:secrets:NAME:akeyless:csr_data': { text: 'The signing request of a PKI certificate.' },
  'job:secrets:NAME:akeyless:uid_token': {
    text: 'The token to sign in with, where a universal identity is used.',
  },
  'job:secrets:NAME:akeyless:gcp_audience': { text: 'For whom a token of Google Cloud is.' },
  'job:secrets:NAME:akeyless:azure_object_id': { text: 'The identity of an Azure object to sign in with.' },
  'job:secrets:NAME:akeyless:k8s_service_account_token': {
    text: 'The token of a Kubernetes service account to sign in with.',
  },
  'job:secrets:NAME:akeyless:k8s_auth_config_name': { text: 'The name of the Kubernetes sign-in.' },
  'job:secrets:NAME:akeyless:gateway_ca_certificate': { text: 'The certificate authority of the gateway.' },
};
