import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { AppError } from '../../base/app-error.ts';
import { type AwsRequest, answerOf, clientSettings } from './aws-request.ts';

/**
 * A secret of Secrets Manager at the version, or the stage of versions, that the reference names; else the current one.
 * null: there is none.
 *
 * @throws AppError `aws-refused` for a secret that is no text.
 */
export async function awsSecret(request: AwsRequest): Promise<string | null> {
  const { name, version, versionStage } = request.reference;
  const client = new SecretsManagerClient(clientSettings(request));
  try {
    const command = new GetSecretValueCommand({
      SecretId: name,
      ...(version === null ? {} : { VersionId: version }),
      ...(versionStage === null ? {} : { VersionStage: versionStage }),
    });
    const none = ['ResourceNotFoundException', 'ValidationException'];
    const answer = await answerOf(request, 'secret', none, 'secretsmanager:GetSecretValue', () =>
      client.send(command, { abortSignal: request.signal }),
    );
    if (answer === null) return null;
    if (answer.SecretString !== undefined) return answer.SecretString;
    throw new AppError('aws-refused', `The secret ${name} in AWS is binary, and a variable holds text.`);
  } finally {
    client.destroy();
  }
}
