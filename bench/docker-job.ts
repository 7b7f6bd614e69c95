import { spawnSync } from 'node:child_process';
import { request } from 'node:http';
import { join } from 'node:path';
import { withRepository } from './generate.ts';
import { type Measured, median, slipway } from './measure.ts';
import { milliseconds, ratio, type Section } from './table.ts';

/**
 * A job in a container against the calls to the engine that any such job needs: create, attach, start, wait, remove.
 * The job is measured as the difference between pipelines of eleven jobs and of one, so that starting the command does
 * not count for it. Needs an engine and an image with a shell: BENCH_IMAGE, or the small one of the tests.
 */
export async function benchDockerJob(): Promise<Section> {
  const base = { title: 'a docker job', head: ['what', 'time'] };
  const image = process.env.BENCH_IMAGE ?? testImage();
  if (image === null) {
    return {
      ...base,
      note: 'NOT MEASURED: no Docker engine answers here, or test/images/build-base.sh failed.',
      rows: [],
    };
  }
  const bare = await median(9, () => bareContainer(image));
  const one = await run(image, 1);
  const eleven = await run(image, 11);
  const job = (eleven.milliseconds - one.milliseconds) / 10;
  return {
    ...base,
    note: `Image ${image}, already there; one after the other. The goal is 1.3 × the bare calls.`,
    rows: [
      ['create, attach, start, wait, remove', milliseconds(bare.milliseconds)],
      ['a job more in a pipeline', milliseconds(job)],
      ['ratio', ratio(job / bare.milliseconds)],
      ['the whole command with one job', milliseconds(one.milliseconds)],
    ],
  };
}

function run(image: string, jobs: number): Promise<Measured> {
  const text = Array.from({ length: jobs }, (_, at) => {
    const needs = at === 0 ? '[]' : `[j${at - 1}]`;
    return `j${at}: { image: { name: "${image}", pull_policy: if-not-present }, needs: ${needs}, script: [":"] }`;
  }).join('\n');
  return withRepository({ '.gitlab-ci.yml': text }, (folder) =>
    median(5, () => slipway(folder, ['run', '--executor', 'docker', '--plain'])),
  );
}

/** The small image of the tests, built when it is not there; null without an engine. */
function testImage(): string | null {
  const script = join(import.meta.dirname, '../test/images/build-base.sh');
  const { status } = spawnSync('sh', [script], { stdio: ['ignore', 'ignore', 'inherit'] });
  return status === 0 ? 'slipway-test/busybox:latest' : null;
}

async function bareContainer(image: string): Promise<Measured> {
  const started = performance.now();
  const body = {
    Image: image,
    Cmd: ['sh', '-c', ':'],
    Entrypoint: [],
    AttachStdout: true,
    AttachStderr: true,
  };
  const { Id: id } = JSON.parse(await engine('POST', '/containers/create', body)) as { Id: string };
  const attached = engine('POST', `/containers/${id}/attach?stream=1&stdout=1&stderr=1`);
  await engine('POST', `/containers/${id}/start`);
  await engine('POST', `/containers/${id}/wait`);
  await attached;
  await engine('DELETE', `/containers/${id}?v=1`);
  return { milliseconds: performance.now() - started, peakMegabytes: null };
}

function engine(method: string, path: string, body?: object): Promise<string> {
  return new Promise((resolve, reject) => {
    const call = request(
      {
        socketPath: '/var/run/docker.sock',
        method,
        path: `/v1.41${path}`,
        headers: body === undefined ? {} : { 'content-type': 'application/json' },
      },
      (answer) => {
        const parts: Buffer[] = [];
        answer.on('data', (part: Buffer) => parts.push(part));
        answer.on('end', () => {
          const text = Buffer.concat(parts).toString('utf8');
          if ((answer.statusCode ?? 500) < 400) resolve(text);
          else reject(new Error(`${method} ${path}: ${answer.statusCode} ${text}`));
        });
      },
    );
    call.on('error', reject);
    call.end(body === undefined ? undefined : JSON.stringify(body));
  });
}
