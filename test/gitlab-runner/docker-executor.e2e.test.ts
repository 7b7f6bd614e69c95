import { gunzipSync } from 'node:zlib';
import { beforeAll, expect, test } from 'vitest';
import { BASE_IMAGE, buildImage, requireEngine } from '../docker/docker-world.ts';
import { startCiServer } from '../runner/ci-server.ts';
import { describeRunner } from '../runner/runner.contract.ts';
import { findDockerParts, startWithDocker } from './docker-parts.ts';
import { managedBy } from './managed-by.ts';
import { abilitiesOf, type ToServer, versionOf } from './start-gitlab-runner.ts';

const GREETER = 'slipway-test/official-greeter:latest';
const LONG = { timeout: 120_000, interval: 200 };

/** Everything it needs, or what is missing. */
const found = findDockerParts();

if (typeof found === 'string') {
  test('the docker executor of the official gitlab-runner', ({ skip }) => skip(found));
} else {
  const { program, host } = found;
  const version = versionOf(program);
  const abilities = abilitiesOf(version);
  // Older ones have no word for it; the newest tell a registry that does not answer from one that refuses.
  const REGISTRY_AWAY = abilities.interrupts
    ? 'runner_external_dependency_failure'
    : version.major >= 16
      ? 'image_pull_failure'
      : 'script_failure';

  beforeAll(async () => {
    await requireEngine();
    const serve = 'exec nc -ll -p 8080 -e echo "$GREETING from the service"';
    await buildImage(GREETER, 'EXPOSE 8080', `CMD ["sh", "-c", ${JSON.stringify(serve)}]`);
  });

  const start = (server: ToServer) => startWithDocker(found, server);
  describeRunner('the official gitlab-runner with its docker executor', start, {
    ...abilities,
    host,
  });

  // One job after the other: each of a runner's two places for jobs has a cache of its own.
  test('the docker executor of the official gitlab-runner is given images and services', async () => {
    const server = await startCiServer({ host });
    await start({ url: server.url, token: server.runnerToken });
    await server.push({
      'greeting.txt': 'hello from git\n',
      '.gitlab-ci.yml': `
default:
  image: ${BASE_IMAGE}
  cache: { key: shared, paths: [cached/] }
compile:
  stage: build
  image: { name: ${BASE_IMAGE}, entrypoint: [env, ENTERED=by the entrypoint] }
  script:
    - mkdir -p out cached && cp greeting.txt out/ && echo filled > cached/file
    - test "$ENTERED" = 'by the entrypoint' && ! command -v git
    - echo '<testsuites><testsuite name="s"><testcase name="c"/></testsuite></testsuites>' > junit.xml
  artifacts: { paths: [out/], reports: { junit: junit.xml } }
.asks:
  stage: test
  variables: { GREETING: a greeting }
  services: [{ name: '${GREETER}', alias: greeter }]
  script: [cat out/greeting.txt cached/file, nc greeter 8080 < /dev/null]
linked:
  extends: .asks
networked:
  extends: .asks
  needs: [compile, linked]
  variables: { FF_NETWORK_PER_BUILD: 'true' }
`,
    });
    const ended = { compile: 'success', linked: 'success', networked: 'success' };
    await expect.poll(() => server.statuses(), LONG).toEqual(ended);
    for (const job of ['linked', 'networked']) {
      const log = await server.log(job);
      for (const line of ['hello from git', 'filled', 'a greeting from the service'])
        expect(log).toContain(line);
      expect(log).not.toContain("didn't start properly");
    }
    const report = await server.artifact('compile', 'junit');
    expect(report === null ? '' : gunzipSync(report).toString()).toContain('<testcase name="c"/>');
  });

  test('a job of it that is canceled leaves no container', async () => {
    const server = await startCiServer({ host });
    await start({ url: server.url, token: server.runnerToken });
    await server.push({
      '.gitlab-ci.yml': `
endless:
  image: ${BASE_IMAGE}
  services: ['${GREETER}']
  script: ['while sleep 0.5; do echo tick; done']
`,
    });
    const running = () => managedBy(server.runnerToken, ['container', 'ls']);
    await expect.poll(() => server.log('endless').catch(() => ''), LONG).toContain('tick');
    expect((await running()).length).toBeGreaterThanOrEqual(2);
    await server.cancel();
    await expect.poll(running, LONG).toEqual([]);
    expect(await server.statuses()).toEqual({ endless: 'canceled' });
  });

  test('says of an image that cannot be had what is wrong with it', async () => {
    const server = await startCiServer({ host });
    await start({ url: server.url, token: server.runnerToken });
    await server.push({ '.gitlab-ci.yml': "lost:\n  image: '127.0.0.1:9/lost'\n  script: [echo never]\n" });
    await expect.poll(() => server.statuses(), LONG).toEqual({ lost: 'failed' });
    expect((await server.jobs()).lost?.failure_reason).toBe(REGISTRY_AWAY);
  });
}
