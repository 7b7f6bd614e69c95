import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { World } from './docker-world.ts';
import {
  BASE_IMAGE,
  buildImage,
  createWorld,
  leftovers,
  requireEngine,
  service,
  variable,
} from './docker-world.ts';

/** Answers each connection on port 8080 with the environment's GREETING. */
const GREETER = 'slipway-test/group/greeter';
const serve = (text: string) => `exec nc -ll -p 8080 -e sh -c 'echo "${text}"'`;

let world: World;

beforeAll(async () => {
  await requireEngine();
  await buildImage(
    GREETER,
    'EXPOSE 8080/tcp 9/udp',
    'ENV GREETING=hello',
    `CMD ["sh", "-c", ${JSON.stringify(serve('$GREETING'))}]`,
  );
  world = await createWorld({ serviceWaitSeconds: 1 });
});

afterAll(async () => {
  await world[Symbol.asyncDispose]();
  expect(await leftovers(world.runId)).toEqual([]);
});

describe('a service', () => {
  it('is reached by both names made from its image, and by its aliases', async () => {
    const { output, preparation } = await world.runJob(
      { services: [service(GREETER, { aliases: ['one', 'two'] })] },
      'for host in slipway-test__group__greeter slipway-test-group-greeter one two; do nc $host 8080; done',
    );
    expect(output).toBe('hello\nhello\nhello\nhello\n');
    expect(preparation).toContain(
      'Starting the service slipway-test/group/greeter as slipway-test__group__greeter',
    );
    expect(preparation).not.toContain('does not accept connections');
  });

  it('gets the job’s open variables and its own, which may name those of the job', async () => {
    const { output } = await world.runJob(
      {
        variables: [
          variable('GREETING', 'from the job'),
          variable('NAME', 'ada'),
          variable('TOKEN', 's3cret-s3cret', { masked: true }),
        ],
        services: [
          service(GREETER, { aliases: ['a'] }),
          service(GREETER, { aliases: ['b'], variables: [variable('GREETING', 'hi $NAME')] }),
          service(GREETER, { aliases: ['c'], command: ['sh', '-c', serve('token <$TOKEN>')] }),
        ],
      },
      'nc a 8080; nc b 8080; nc c 8080',
    );
    expect(output).toBe('from the job\nhi ada\ntoken <>\n');
  });

  it('obeys entrypoint, command and user', async () => {
    const { output } = await world.runJob(
      {
        services: [
          service(GREETER, { aliases: ['a'], command: ['sh', '-c', serve('$(id -un)')], user: 'worker' }),
          service(GREETER, { aliases: ['b'], entrypoint: ['sh', '-c'], command: [serve('shell')] }),
        ],
      },
      'nc a 8080; nc b 8080',
    );
    expect(output).toBe('worker\nshell\n');
  });

  it('sees the workspace', async () => {
    const { output } = await world.runJob(
      {
        services: [
          service(GREETER, {
            aliases: ['a'],
            command: ['sh', '-c', serve('$(cat /builds/group/project/file)')],
          }),
        ],
      },
      'echo shared > file; nc a 8080',
    );
    expect(output).toBe('shared\n');
  });

  it('is waited for until it listens', async () => {
    const patient = await createWorld({ serviceWaitSeconds: 30 });
    try {
      const late = service(GREETER, {
        aliases: ['late'],
        command: ['sh', '-c', `sleep 1; ${serve('late')}`],
      });
      const { output, preparation } = await patient.runJob({ services: [late] }, 'nc late 8080');
      expect(output).toBe('late\n');
      expect(preparation).not.toContain('does not accept');
    } finally {
      await patient[Symbol.asyncDispose]();
    }
  });

  it('that does not listen in time is a warning, with its log, and the job runs', async () => {
    const deaf = service(GREETER, {
      aliases: ['deaf'],
      command: ['sh', '-c', 'echo waiting for nothing; sleep 100'],
    });
    const { preparation, exitCode } = await world.runJob({ services: [deaf] }, 'exit 5');
    expect(exitCode).toBe(5);
    expect(preparation).toContain('does not accept connections yet');
    expect(preparation).toContain('] waiting for nothing\n');
  });

  it('that died at once is a warning, with its log', async () => {
    const dead = service(GREETER, {
      aliases: ['dead'],
      command: ['sh', '-c', 'echo no database >&2; exit 3'],
    });
    const { preparation, exitCode } = await world.runJob({ services: [dead] }, 'exit 0');
    expect(exitCode).toBe(0);
    expect(preparation).toContain('has ended. The end of its log:');
    expect(preparation).toContain('] no database\n');
  });

  it('that died under the script is shown when the script fails', async () => {
    const fragile = service(GREETER, {
      aliases: ['fragile'],
      command: ['sh', '-c', 'echo bye | nc -l -p 8080; echo gone'],
    });
    const { output } = await world.runJob(
      { services: [fragile] },
      'nc fragile 8080; sleep 0.5; nc fragile 8080',
    );
    expect(output).toContain('] gone\n');
  });

  it('has its log in the job’s when CI_DEBUG_SERVICES is true', async () => {
    const chatty = service(GREETER, { command: ['sh', '-c', `echo chatting; ${serve('x')}`] });
    const { preparation } = await world.runJob(
      { variables: [variable('CI_DEBUG_SERVICES', 'true')], services: [chatty] },
      'sleep 0.3',
    );
    expect(preparation).toContain('[service:slipway-test__group__greeter] chatting\n');
  });

  it('that cannot start fails the job with its name', async () => {
    const broken = service(BASE_IMAGE, { command: ['/no/such/program'] });
    await expect(world.runJob({ services: [broken] }, ':')).rejects.toMatchObject({
      code: 'container-start-failed',
      message: expect.stringContaining(BASE_IMAGE),
    });
    expect(await leftovers(world.runId)).toEqual([]);
  });
});

it('keeps the networks of two jobs apart', async () => {
  const first = await world.prepare({ services: [service(GREETER, { aliases: ['private'] })] });
  const { output } = await world.runJob(
    { services: [service(GREETER, { aliases: ['own'] })] },
    'nslookup private >/dev/null 2>&1 || echo unknown',
  );
  expect(output).toBe('unknown\n');
  await first[Symbol.asyncDispose]();
});
