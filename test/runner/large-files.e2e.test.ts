import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import { json } from 'node:stream/consumers';
import { expect, onTestFinished, test } from 'vitest';
import { startCiServer } from './ci-server.ts';
import { startSlipwayRunner } from './slipway-runner.ts';

const CONTENT = 'a large file, as far as git knows\n'.repeat(10_000);

/** A server for one large file, with Git LFS's batch API. */
async function startLargeFileServer(): Promise<string> {
  const server = createServer((request, response) => {
    if (request.method === 'GET') {
      response.end(CONTENT);
      return;
    }
    void json(request).then((asked) => {
      const { objects } = Object.fromEntries(Object.entries(asked ?? {}));
      const [object = {}]: unknown[] = Array.isArray(objects) ? objects : [];
      const actions = { download: { href: `${url}/file` } };
      response.setHeader('Content-Type', 'application/vnd.git-lfs+json');
      response.end(JSON.stringify({ transfer: 'basic', objects: [{ ...Object(object), actions }] }));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  const bound = server.address();
  const url = `http://127.0.0.1:${typeof bound === 'object' && bound !== null ? bound.port : 0}`;
  return url;
}

function hasGitLfs(): boolean {
  try {
    execFileSync('git', ['lfs', 'version'], { stdio: 'pipe' });
    return true;
  } catch {
    return false;
  }
}

test('large files of Git LFS are there unless a job does without', async ({ skip }) => {
  if (!hasGitLfs()) skip('git-lfs is not installed');
  const url = await startLargeFileServer();
  const server = await startCiServer();
  await startSlipwayRunner({ url: server.url, token: server.runnerToken });
  const oid = createHash('sha256').update(CONTENT).digest('hex');
  await server.push({
    '.gitattributes': '*.bin filter=lfs diff=lfs merge=lfs -text\n',
    '.lfsconfig': `[lfs]\n\turl = ${url}\n`,
    'large.bin': `version https://git-lfs.github.com/spec/v1\noid sha256:${oid}\nsize ${CONTENT.length}\n`,
    '.gitlab-ci.yml': `
with:
  script: ['sha256sum large.bin', 'git status --porcelain | wc -l | sed s/^/changed:/']
without:
  variables: { GIT_LFS_SKIP_SMUDGE: 1 }
  script: [cat large.bin]
`,
  });
  await expect
    .poll(() => server.statuses(), { timeout: 60_000 })
    .toEqual({ with: 'success', without: 'success' });
  expect(await server.log('with')).toContain(oid);
  expect(await server.log('without')).toContain('version https://git-lfs');
});
