import type { SecretReference } from '../../pipeline/index.ts';
import type { AwsRequest } from './aws-request.ts';
import type { SecretSource } from './secret-source.ts';

/**
 * Systems Manager's Parameter Store and Secrets Manager, as the person whose `environment` it is: with their credentials
 * and region, which AWS's SDK looks for as the `aws` command does. A name that is an ARN is asked for in its own region.
 *
 * `find` throws AppError `aws-not-reached` and `aws-refused`. The SDK is loaded when a job asks for the first time.
 */
export function createAwsSecrets(environment: NodeJS.ProcessEnv): SecretSource {
  return {
    name: 'AWS',
    stores: ['aws-parameter-store', 'aws-secrets-manager'],
    async find(reference, signal) {
      const ask = await askerOf(reference.store);
      return ask === null ? null : ask({ reference, region: regionOf(reference.name, environment), signal });
    },
  };
}

async function askerOf(
  store: SecretReference['store'],
): Promise<((request: AwsRequest) => Promise<string | null>) | null> {
  switch (store) {
    case 'aws-parameter-store':
      return (await import('./aws-parameter.ts')).awsParameter;
    case 'aws-secrets-manager':
      return (await import('./aws-secret.ts')).awsSecret;
    case 'google-secret-manager':
    case 'google-kms':
      return null;
  }
}

/** null: as the person's profile says. The SDK itself does not look at the older of the two variables. */
function regionOf(name: string, environment: NodeJS.ProcessEnv): string | null {
  const [, own] = /^arn:[a-z-]+:(?:ssm|secretsmanager):([a-z0-9-]+):/.exec(name) ?? [];
  return own ?? (environment.AWS_REGION || environment.AWS_DEFAULT_REGION || null);
}
