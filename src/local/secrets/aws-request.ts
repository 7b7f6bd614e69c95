import { AppError } from '../../base/app-error.ts';
import type { SecretReference } from '../../pipeline/index.ts';

/** One question to AWS. */
export interface AwsRequest {
  readonly reference: SecretReference;
  /** null: as the person's profile says. */
  readonly region: string | null;
  readonly signal: AbortSignal;
}

/** What a client of AWS's SDK is made with. A server that does not answer is given up after three attempts. */
export function clientSettings({ region }: AwsRequest): {
  readonly region?: string;
  readonly maxAttempts: number;
  readonly requestHandler: {
    readonly connectionTimeout: number;
    readonly requestTimeout: number;
    readonly throwOnRequestTimeout: boolean;
  };
} {
  return {
    ...(region === null ? {} : { region }),
    maxAttempts: 3,
    requestHandler: { connectionTimeout: 5_000, requestTimeout: 15_000, throwOnRequestTimeout: true },
  };
}

/**
 * What AWS answers; null when it says by one of the names in `none` that there is no such thing.
 * @throws AppError `aws-refused` when AWS says no, `aws-not-reached` when it could not be asked. Neither has a value of
 *   a secret in it: the SDK's errors have none.
 */
export async function answerOf<Answer>(
  { reference, signal }: AwsRequest,
  what: string,
  none: readonly string[],
  permission: string,
  ask: () => Promise<Answer>,
): Promise<Answer | null> {
  try {
    return await ask();
  } catch (cause) {
    const error = cause instanceof Error ? cause : new Error(String(cause));
    if (none.includes(error.name)) return null;
    const wanted = `${what} ${reference.name}`;
    if (signal.aborted)
      throw new AppError('aws-not-reached', `The ${wanted} is no longer asked for.`, { cause });
    // The SDK marks what the service itself has said.
    if ('$fault' in error) {
      throw new AppError('aws-refused', `AWS does not give the ${wanted}: ${said(error)}`, {
        cause,
        hint: `The credentials must be valid, and allowed to do ${permission}.`,
      });
    }
    throw new AppError('aws-not-reached', `AWS cannot be asked for the ${wanted}: ${said(error)}`, {
      cause,
      hint: hintFor(error),
    });
  }
}

function said({ name, message }: Error): string {
  const text = message.trim();
  return name === 'Error' ? text : `${name}${text === '' ? '' : `: ${text}`}`;
}

function hintFor({ name, message }: Error): string {
  if (name === 'CredentialsProviderError' || name === 'TokenProviderError') {
    return 'Give credentials as the aws command takes them: AWS_PROFILE, AWS_ACCESS_KEY_ID, or `aws sso login`.';
  }
  if (/^region is missing/i.test(message)) return 'Set AWS_REGION, or a region in the profile.';
  return 'Or keep it here: slipway secret set.';
}
