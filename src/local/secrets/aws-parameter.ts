import { GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { type AwsRequest, answerOf, clientSettings } from './aws-request.ts';

/**
 * A parameter of Systems Manager, decrypted where it is a SecureString; a StringList is one text with commas, as it is
 * in a build of CodeBuild. null: there is none of this name, or a name that no parameter can have.
 */
export async function awsParameter(request: AwsRequest): Promise<string | null> {
  const client = new SSMClient(clientSettings(request));
  try {
    const command = new GetParameterCommand({ Name: request.reference.name, WithDecryption: true });
    const none = ['ParameterNotFound', 'ParameterVersionNotFound', 'ValidationException'];
    const answer = await answerOf(request, 'parameter', none, 'ssm:GetParameter', () =>
      client.send(command, { abortSignal: request.signal }),
    );
    return answer?.Parameter?.Value ?? null;
  } finally {
    client.destroy();
  }
}
