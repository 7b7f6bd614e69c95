import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { createAwsSecrets } from '../../src/local/secrets/aws-secrets.ts';
import { describeSecretSource } from '../../src/local/secrets/secret-source.contract.ts';
import { type Aws, startAws } from '../world/aws.ts';
import { createSecretsProject, type SecretsProject } from './secrets-project.ts';

let aws: Aws;
let project: SecretsProject;
/** What a person who may ask AWS has in the environment. */
let person: Readonly<Record<string, string>>;

beforeAll(async () => {
  aws = await startAws();
  project = await createSecretsProject();
  const { PATH: _withAws, ...environment } = aws.environment;
  person = environment;
});

afterAll(async () => {
  await project?.[Symbol.asyncDispose]();
  await aws?.[Symbol.asyncDispose]();
});

describe('AWS as a source of secrets', () => {
  beforeAll(() => {
    for (const [name, value] of Object.entries(person)) vi.stubEnv(name, value);
  });
  afterAll(() => {
    vi.unstubAllEnvs();
  });

  describe('in Secrets Manager', () => {
    describeSecretSource(async () => ({
      source: createAwsSecrets(person),
      store: 'aws-secrets-manager',
      set: putSecret,
    }));
  });

  describe('in Parameter Store', () => {
    describeSecretSource(async () => ({
      source: createAwsSecrets(person),
      store: 'aws-parameter-store',
      set: putParameter,
    }));
  });
});

test('a build gets every form of parameters and secrets, and its log none of them', async () => {
  await putParameter('/app/plain', 'plain-parameter');
  await putParameter('/app/secure', 'secure-parameter', 'SecureString');
  await putParameter('/app/list', 'one,two', 'StringList');
  await putSecret('app/old', 'previous-value');
  const old = await aws.aws([
    ...['secretsmanager', 'describe-secret', '--secret-id', 'app/old'],
    ...['--query', 'keys(VersionIdsToStages)[0]', '--output', 'text'],
  ]);
  await putSecret('app/old', 'current-value');
  await putSecret('app/object', '{"user": "from-json", "port": 5432}');
  const arn = await aws.aws([
    ...[
      'secretsmanager',
      'describe-secret',
      '--secret-id',
      'app/object',
      '--query',
      'ARN',
      '--output',
      'text',
    ],
  ]);
  await project.write(
    [
      'parameter-store:',
      '  PLAIN: /app/plain',
      '  SECURE: /app/secure',
      '  LIST: /app/list',
      'secrets-manager:',
      '  WHOLE: app/old',
      '  USER_NAME: app/object:user',
      '  PORT: app/object:port',
      '  BEFORE: "app/old::AWSPREVIOUS"',
      `  AT: "app/old:::${old}"`,
      `  OF_ARN: "${arn}:user"`,
    ],
    [
      'echo "<$PLAIN> <$SECURE> <$WHOLE> <$BEFORE> <$USER_NAME>"',
      'test "$PLAIN" = plain-parameter && test "$SECURE" = secure-parameter && test "$LIST" = one,two',
      'test "$WHOLE" = current-value && test "$BEFORE" = previous-value && test "$AT" = previous-value',
      'test "$USER_NAME" = from-json && test "$PORT" = 5432 && test "$OF_ARN" = from-json',
      // The person's own credentials stay theirs.
      'test -z "$AWS_SECRET_ACCESS_KEY"',
    ],
  );
  const { exitCode, shown } = await project.slipway(['run', '--plain', '--aws-secrets'], {
    environment: person,
  });
  expect(exitCode, shown).toBe(0);
  expect(shown).toContain('<[MASKED]> <[MASKED]> <[MASKED]> <[MASKED]> <[MASKED]>');
  expect(shown).not.toMatch(/plain-parameter|secure-parameter|current-value|previous-value|from-json/);
});

test('the region is that of the profile, and an ARN has its own', async () => {
  await aws.aws([
    'ssm',
    'put-parameter',
    '--region',
    'eu-west-3',
    '--type',
    'String',
    '--name',
    '/there',
    '--value',
    'in-paris',
  ]);
  const arn = await aws.aws([
    ...['secretsmanager', 'create-secret', '--region', 'ap-south-1', '--name', 'mumbai'],
    ...['--secret-string', 'in-mumbai', '--query', 'ARN', '--output', 'text'],
  ]);
  const home = project.environment.HOME ?? '';
  await mkdir(join(home, '.aws'), { recursive: true });
  await writeFile(
    join(home, '.aws/config'),
    '[profile work]\nregion = eu-west-3\naws_access_key_id = test\naws_secret_access_key = not-a-real-secret\n',
  );
  await project.write(
    ['parameter-store: {THERE: /there}', `secrets-manager: {ELSEWHERE: "${arn}"}`],
    ['test "$THERE" = in-paris && test "$ELSEWHERE" = in-mumbai'],
  );
  const { exitCode, shown } = await project.slipway(['run', '--plain', '--aws-secrets'], {
    environment: { AWS_ENDPOINT_URL: aws.address, AWS_PROFILE: 'work' },
  });
  expect(exitCode, shown).toBe(0);
});

test("the project's own secrets win, and without the option nobody asks AWS", async () => {
  await putParameter('/app/both', 'of-aws');
  await project.write(['parameter-store: {BOTH: /app/both}'], ['test "$BOTH" = of-the-project']);
  await project.slipway(['secret', 'set', '/app/both'], { input: 'of-the-project\n' });
  const own = await project.slipway(['run', '--plain', '--aws-secrets'], { environment: person });
  expect(own.exitCode, own.shown).toBe(0);

  await project.slipway(['secret', 'remove', '/app/both']);
  await using counting = await startServer(400, '{}');
  const unasked = await project.slipway(['run', '--plain'], {
    environment: { ...person, AWS_ENDPOINT_URL: counting.address },
  });
  expect(unasked.exitCode).toBe(1);
  expect(unasked.shown).toContain(
    'slipway secret set /app/both, or have AWS asked for it: slipway run --aws-secrets',
  );
  expect(counting.requests()).toBe(0);
});

describe('what is wrong is told before the script starts:', () => {
  async function refused(
    env: readonly string[],
    environment: Readonly<Record<string, string | undefined>>,
  ): Promise<string> {
    await project.write(env, ['echo the script has started']);
    const { exitCode, shown } = await project.slipway(['run', '--plain', '--aws-secrets'], { environment });
    expect(exitCode).toBe(1);
    expect(shown).not.toContain('the script has started');
    return shown;
  }

  test('a secret that AWS does not have', async () => {
    const shown = await refused(['secrets-manager: {X: "app/none:key:AWSPREVIOUS"}'], person);
    expect(shown).toContain(
      "There is no secret app/none (stage AWSPREVIOUS) for the variable X in the project's secrets and AWS.",
    );
    expect(shown).not.toContain('--aws-secrets');
  });

  test('a secret without the key, and nothing of its value', async () => {
    await putSecret('app/other-object', '{"user": "hidden-value"}');
    const shown = await refused(['secrets-manager: {X: "app/other-object:password"}'], person);
    expect(shown).toContain('is no JSON object with a key password');
    expect(shown).not.toContain('hidden-value');
  });

  test('a binary secret', async () => {
    await aws.aws([
      'secretsmanager',
      'create-secret',
      '--name',
      'app/binary',
      '--secret-binary',
      'fileb:///bin/true',
    ]);
    expect(await refused(['secrets-manager: {X: app/binary}'], person)).toContain('is binary');
  });

  test('no credentials', async () => {
    const environment = { AWS_ENDPOINT_URL: aws.address, AWS_REGION: 'us-west-2' };
    const shown = await refused(['parameter-store: {X: /app/plain}'], environment);
    expect(shown).toContain('AWS cannot be asked for the parameter /app/plain: CredentialsProviderError');
    expect(shown).toContain('Give credentials as the aws command takes them');
  });

  test('no region', async () => {
    const shown = await refused(['parameter-store: {X: /app/plain}'], {
      ...person,
      AWS_DEFAULT_REGION: undefined,
    });
    expect(shown).toContain('Region is missing');
    expect(shown).toContain('Set AWS_REGION');
  });

  test('nobody at the address', async () => {
    const server = await startServer(200, '{}');
    await server[Symbol.asyncDispose]();
    const environment = { ...person, AWS_ENDPOINT_URL: server.address };
    const shown = await refused(['secrets-manager: {X: app/old}'], environment);
    expect(shown).toContain('AWS cannot be asked for the secret app/old');
    expect(shown).toContain('ECONNREFUSED');
  });

  test('credentials that may not', async () => {
    const message = 'User: arn:aws:iam::1:user/x is not authorized to perform: secretsmanager:GetSecretValue';
    await using server = await startServer(400, JSON.stringify({ __type: 'AccessDeniedException', message }));
    const environment = { ...person, AWS_ENDPOINT_URL: server.address };
    const shown = await refused(['secrets-manager: {X: app/old}'], environment);
    expect(shown).toContain(`AWS does not give the secret app/old: AccessDeniedException: ${message}`);
    expect(shown).toContain('allowed to do secretsmanager:GetSecretValue');
  });
});

async function putParameter(name: string, value: string, type = 'String'): Promise<void> {
  const input = JSON.stringify({ Name: name, Value: value, Type: type, Overwrite: true });
  await aws.aws(['ssm', 'put-parameter', '--cli-input-json', input]);
}

/** A first value makes the secret, another one a new version of it. */
async function putSecret(name: string, value: string): Promise<void> {
  const secret = { SecretString: value, ClientRequestToken: randomUUID() };
  const known = await aws.aws([
    'secretsmanager',
    'list-secrets',
    '--query',
    'SecretList[].Name',
    '--output',
    'json',
  ]);
  const names: readonly string[] = JSON.parse(known);
  await aws.aws(
    names.includes(name)
      ? [
          'secretsmanager',
          'put-secret-value',
          '--cli-input-json',
          JSON.stringify({ SecretId: name, ...secret }),
        ]
      : ['secretsmanager', 'create-secret', '--cli-input-json', JSON.stringify({ Name: name, ...secret })],
  );
}

interface Answering extends AsyncDisposable {
  readonly address: string;
  requests(): number;
}

/** A server that has one answer to everything. */
async function startServer(status: number, body: string): Promise<Answering> {
  let requests = 0;
  const server: Server = createServer((_request, response) => {
    requests += 1;
    response.writeHead(status, { 'content-type': 'application/x-amz-json-1.1' }).end(body);
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  return {
    address: `http://127.0.0.1:${address.port}`,
    requests: () => requests,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
