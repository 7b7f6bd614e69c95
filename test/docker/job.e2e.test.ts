import { mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { World } from './docker-world.ts';
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
  variable,
} from './docker-world.ts';

let world: World;

beforeAll(async () => {
  await requireEngine();
  world = await createWorld();
});

afterAll(async () => {
  await world[Symbol.asyncDispose]();
  expect(await leftovers(world.runId)).toEqual([]);
});

describe('a script in a container', () => {
  it.each([0, 1, 3, 42, 126, 127, 137, 143, 255])('passes exit code %i on', async (exitCode) => {
    expect(await world.runJob({}, `exit ${exitCode}`)).toMatchObject({ result: 'exited', exitCode });
  });

  it('ends at the first failing line when it asks for that', async () => {
    const { output, exitCode } = await world.runJob({}, 'set -e\necho one\nfalse\necho two');
    expect({ output, exitCode }).toEqual({ output: 'one\n', exitCode: 1 });
  });

  it('has both its outputs in the log, in the order they were written', async () => {
    const { output } = await world.runJob({}, 'for i in 1 2 3; do echo out $i; echo err $i >&2; done');
    expect(output).toBe('out 1\nerr 1\nout 2\nerr 2\nout 3\nerr 3\n');
  });

  it('may contain anything that a shell script may', async () => {
    const script =
      "echo 'it''s' \"a \\\"test\\\"\" $((1+1)) `echo back`\ncat <<'END'\n$HOME 'quoted' ü\nEND\n# done";
    expect((await world.runJob({}, script)).output).toBe('its a "test" 2 back\n$HOME \'quoted\' ü\n');
  });

  it('has an empty standard input, so that no command eats the rest of the script', async () => {
    expect((await world.runJob({}, 'cat; echo after')).output).toBe('after\n');
  });

  it('runs in the project directory, with GitLab’s paths', async () => {
    const environment = await world.prepare({ projectPath: 'group/sub/project' });
    expect(environment.projectDir).toBe('/builds/group/sub/project');
    expect(environment.scratchDir).toBe('/builds/group/sub/project.tmp');
    const log = memoryLog();
    await environment.run({
      script: 'pwd; touch made; touch ../project.tmp/file',
      log,
      signal: new AbortController().signal,
      graceSeconds: 1,
    });
    expect(log.text()).toBe('/builds/group/sub/project\n');
    await stat(join(environment.workspace, 'made'));
  });

  it('keeps the files, but no process, for the script after it', async () => {
    const environment = await world.prepare({});
    const log = memoryLog();
    const options = { log, signal: new AbortController().signal, graceSeconds: 1 };
    await environment.run({ ...options, script: 'echo kept > /root/file; sleep 1000 & exit 1' });
    const after = await environment.run({
      ...options,
      script: 'cat /root/file; ps | grep -c "[s]leep 1000"; exit 0',
    });
    expect(after).toEqual({ kind: 'exited', exitCode: 0 });
    expect(log.text()).toBe('kept\n0\n');
  });

  it('streams more than fits into memory buffers without losing a byte', async () => {
    const environment = await world.prepare({});
    let bytes = 0;
    const result = await environment.run({
      script: 'head -c 300000000 /dev/zero',
      log: {
        ...memoryLog(),
        write: async (chunk) => {
          bytes += chunk.length;
        },
      },
      signal: new AbortController().signal,
      graceSeconds: 1,
    });
    expect({ result, bytes }).toEqual({ result: { kind: 'exited', exitCode: 0 }, bytes: 300_000_000 });
    await environment[Symbol.asyncDispose]();
  });
});

describe('the container', () => {
  it('has the open variables, expanded, and no secret, in what the engine shows of it', async () => {
    const environment = await world.prepare({
      variables: [
        variable('GREETING', 'hello $NAME'),
        variable('NAME', 'world'),
        variable('LITERAL', '$NAME', { raw: true }),
        variable('TOKEN', 'hunter2hunter2', { masked: true }),
        variable('URL', 'https://x:$TOKEN@example.com'),
        variable('KEY_FILE', 'content of a file', { file: true }),
      ],
    });
    const shown = await docker('inspect', ...(await leftovers(world.runId)));
    expect(shown).toContain('GREETING=hello world');
    expect(shown).toContain('LITERAL=$NAME');
    expect(shown).not.toContain('hunter2');
    expect(shown).not.toContain('content of a file');
    await environment[Symbol.asyncDispose]();
  });

  it.each([
    { case: 'the user of the image', from: 'slipway-test/worker', user: null },
    { case: 'the user that the job asks for', from: BASE_IMAGE, user: '1000:1000' },
  ])('runs as $case and may write to the workspace', async ({ from, user }) => {
    await buildImage('slipway-test/worker', 'USER worker');
    const folder = join(world.folder, `user-${user === null}`);
    await mkdir(join(folder, 'workspace/deep'), { recursive: true, mode: 0o755 });
    await mkdir(join(folder, 'scratch'));
    await writeFile(join(folder, 'workspace/deep/file'), 'old', { mode: 0o644 });
    const environment = await world.executor.prepare({
      job: jobSpec({ id: 999, image: image(from, { user }) }),
      workspace: join(folder, 'workspace'),
      scratch: join(folder, 'scratch'),
      log: memoryLog(),
      signal: new AbortController().signal,
    });
    const log = memoryLog();
    await environment.run({
      script: 'id -un; echo new > deep/file; mkdir deep/other',
      log,
      signal: new AbortController().signal,
      graceSeconds: 1,
    });
    await environment[Symbol.asyncDispose]();
    expect(log.text()).toBe('worker\n');
    expect(await readFile(join(folder, 'workspace/deep/file'), 'utf8')).toBe('new\n');
  });

  it('runs the image’s entrypoint before every script, as the script’s parent', async () => {
    await buildImage(
      'slipway-test/entrypoint',
      'RUN printf \'#!/bin/sh\\nexport FROM_ENTRYPOINT=yes\\necho entrypoint\\nexec "$@"\\n\' > /entry && chmod +x /entry',
      'ENTRYPOINT ["/entry"]',
    );
    const job = { image: image('slipway-test/entrypoint') };
    expect((await world.runJob(job, 'echo $FROM_ENTRYPOINT')).output).toBe('entrypoint\nyes\n');
    const replaced = { image: image('slipway-test/entrypoint', { entrypoint: [''] }) };
    expect((await world.runJob(replaced, 'echo "<$FROM_ENTRYPOINT>"')).output).toBe('<>\n');
    const other = {
      image: image('slipway-test/entrypoint', { entrypoint: ['/bin/env', 'FROM_ENTRYPOINT=job'] }),
    };
    expect((await world.runJob(other, 'echo $FROM_ENTRYPOINT')).output).toBe('job\n');
  });

  it('fails, and does not pass, when the entrypoint never runs the script', async () => {
    await buildImage('slipway-test/deaf', 'ENTRYPOINT ["/bin/echo"]');
    await expect(world.runJob({ image: image('slipway-test/deaf') }, 'exit 0')).rejects.toMatchObject({
      code: 'container-start-failed',
      hint: expect.stringContaining('entrypoint'),
    });
  });

  it('fails when there is no shell in the image', async () => {
    await buildImage('slipway-test/no-shell', 'RUN rm /bin/sh');
    await expect(world.runJob({ image: image('slipway-test/no-shell') }, 'exit 0')).rejects.toMatchObject({
      code: 'container-start-failed',
      hint: expect.stringContaining('needs a shell'),
    });
  });

  it('uses bash where the image has it', async () => {
    await buildImage(
      'slipway-test/bash',
      "RUN printf '#!/bin/sh\\necho this is bash\\nexec sh\\n' > /bin/bash && chmod +x /bin/bash",
    );
    expect((await world.runJob({ image: image('slipway-test/bash') }, 'echo script')).output).toBe(
      'this is bash\nscript\n',
    );
  });
});

it('says what a job without an image lacks', async () => {
  await expect(world.runJob({ image: null }, ':')).rejects.toMatchObject({ code: 'image-missing' });
});

it('takes the default image for a job that names none', async () => {
  const other = await createWorld({ defaultImage: BASE_IMAGE });
  try {
    expect(await other.runJob({ image: null }, 'exit 7')).toMatchObject({ exitCode: 7 });
  } finally {
    await other[Symbol.asyncDispose]();
  }
});
