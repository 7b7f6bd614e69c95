import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ImageCommand } from '../../src/pipeline/index.ts';
import type { JobSpec } from '../../src/protocol/index.ts';
import type { JobEnvironment } from '../../src/runner/index.ts';
import {
  BASE_IMAGE,
  buildImage,
  createWorld,
  docker,
  image,
  jobSpec,
  leftovers,
  memoryLog,
  requireEngine,
  type World,
} from './docker-world.ts';

const BARE_IMAGE = 'slipway-test/without-a-shell:latest';
const GREETING_IMAGE = 'slipway-test/greeting:latest';

let world: World;

beforeAll(async () => {
  await requireEngine();
  await buildImage(GREETING_IMAGE, 'ENTRYPOINT ["echo", "hello"]', 'CMD ["everybody"]');
  await buildImage(
    BARE_IMAGE,
    'FROM scratch',
    `COPY --from=${BASE_IMAGE} /bin/busybox /printf`,
    'ENTRYPOINT ["/printf"]',
  );
  world = await createWorld();
});

afterAll(async () => {
  await world[Symbol.asyncDispose]();
  expect(await leftovers(world.runId)).toEqual([]);
  await docker('image', 'rm', '--force', BARE_IMAGE, GREETING_IMAGE);
});

describe('what is run', () => {
  test.each<{ what: string; name: string; command: ImageCommand; output: string }>([
    {
      what: 'the image’s entrypoint with its own arguments',
      name: GREETING_IMAGE,
      command: { program: null, arguments: null },
      output: 'hello everybody\n',
    },
    {
      what: 'the image’s entrypoint with other arguments',
      name: GREETING_IMAGE,
      command: { program: null, arguments: ['$HOME', 'you  two'] },
      output: 'hello $HOME you  two\n',
    },
    {
      what: 'another program, without the image’s arguments',
      name: GREETING_IMAGE,
      command: { program: 'echo', arguments: null },
      output: '\n',
    },
    {
      what: 'a program of an image without a shell',
      name: BARE_IMAGE,
      command: { program: null, arguments: ['<%s>', 'a b', '*'] },
      output: '<a b><*>',
    },
  ])('is $what', async ({ name, command, output }) => {
    expect(await runCommand({ image: image(name), command })).toEqual({ output, result: exited(0) });
  });

  test('sees the variables, and starts in its folder, which is made', async () => {
    const { output } = await runCommand(
      { command: { program: 'sh', arguments: ['-c', 'pwd; echo "$GREETING"'] } },
      { folder: '/workspace/deep/down', variables: new Map([['GREETING', 'good day']]) },
    );
    expect(output).toBe('/workspace/deep/down\ngood day\n');
  });

  test('answers with the program’s exit code', async () => {
    const { result } = await runCommand({ command: { program: 'sh', arguments: ['-c', 'exit 7'] } });
    expect(result).toEqual(exited(7));
  });

  test('has to be there', async () => {
    const running = runCommand({ command: { program: 'no-such-program', arguments: [] } });
    await expect(running).rejects.toMatchObject({
      code: 'container-start-failed',
      hint: expect.stringContaining('no program no-such-program'),
    });
  });
});

test('an aborted program is killed after its grace', async () => {
  const stop = new AbortController();
  const environment = await world.prepare({
    image: image(BASE_IMAGE),
    command: { program: 'sleep', arguments: ['1000'] },
  });
  const log = memoryLog();
  setTimeout(() => stop.abort(), 300);
  const result = await environment.runCommand?.({
    command: { program: 'sleep', arguments: ['1000'] },
    variables: new Map(),
    folder: environment.projectDir,
    log,
    signal: stop.signal,
    graceSeconds: 1,
  });
  expect(result).toEqual({ kind: 'aborted' });
  await environment[Symbol.asyncDispose]();
});

test('jobs that share a working copy and a volume see each other’s files', async () => {
  const shared = join(world.folder, 'shared');
  const volume = join(world.folder, 'volume');
  await mkdir(shared);
  await mkdir(volume);
  const over = { sharedWorkspace: { name: 'one', path: '/workspace', folder: '' } };
  const prepare = async (id: number, script: string): Promise<string> => {
    const scratch = join(world.folder, `scratch-${id}`);
    await mkdir(scratch);
    const environment = await world.executor.prepare({
      job: jobSpec({ ...over, id, command: { program: 'sh', arguments: ['-c', script] } }),
      workspace: shared,
      scratch,
      volumes: [{ folder: volume, path: '/builder/home' }],
      log: memoryLog(),
      signal: new AbortController().signal,
    });
    expect(environment.projectDir).toBe('/workspace');
    const { output } = await outcomeOf(environment, { program: 'sh', arguments: ['-c', script] }, {});
    await environment[Symbol.asyncDispose]();
    return output;
  };
  await prepare(101, 'echo one > file; echo kept > /builder/home/file');
  expect(await prepare(102, 'cat file /builder/home/file')).toBe('one\nkept\n');
  expect(await readFile(join(shared, 'file'), 'utf8')).toBe('one\n');
});

function exited(exitCode: number) {
  return { kind: 'exited', exitCode };
}

interface Place {
  readonly folder?: string;
  readonly variables?: ReadonlyMap<string, string>;
}

async function runCommand(over: Partial<JobSpec> & { readonly command: ImageCommand }, place: Place = {}) {
  const environment = await world.prepare({
    ...over,
    sharedWorkspace: { name: 'one', path: '/workspace', folder: '' },
  });
  try {
    return await outcomeOf(environment, over.command, place);
  } finally {
    await environment[Symbol.asyncDispose]();
  }
}

async function outcomeOf(environment: JobEnvironment, command: ImageCommand, place: Place) {
  const { folder = environment.projectDir, variables = new Map<string, string>() } = place;
  const log = memoryLog();
  const result = await environment.runCommand?.({
    command,
    variables,
    folder,
    log,
    signal: new AbortController().signal,
    graceSeconds: 10,
  });
  return { output: log.text(), result };
}
