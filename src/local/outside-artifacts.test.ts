import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { runProject } from './test-support/run-project.ts';

let home: string;
let library: string;
let user: string;

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'slipway-outside-'));
  library = await project(
    'library',
    `
package:
  script: ['echo "packaged" > package.txt', 'echo "VERSION=7" > version.env']
  artifacts: {paths: [package.txt], reports: {dotenv: version.env}}
`,
  );
  user = await project(
    'user',
    `
use:
  needs: [{project: group/library, job: package, ref: $CI_COMMIT_BRANCH}]
  script: ['cat package.txt', 'echo "version $VERSION"']
`,
  );
});
afterEach(() => rm(home, { recursive: true, force: true }));

test('artifacts and dotenv variables come from the last run of the other project', async () => {
  await runProject(library, home);
  const { passed, log } = await runProject(user, home, { 'Group/Library': library });
  expect(passed).toBe(true);
  expect(log).toContain('\npackaged\n');
  expect(log).toContain('\nversion 7\n');
});

test('without a run of it the job fails, and says what to run', async () => {
  const { passed, failures } = await runProject(user, home, { 'group/library': library });
  expect(passed).toBe(false);
  expect(failures).toEqual([
    `It needs job 'package' of project 'group/library', which has not passed for main in the runs that are kept of ${library}: run it there first.`,
  ]);
});

test('without its folder the job fails, and says how to name it', async () => {
  const { failures } = await runProject(user, home);
  expect(failures).toEqual([expect.stringContaining('--project group/library=FOLDER')]);
});

test('an optional job of another pipeline may be missing, one that is not fails the job', async () => {
  const needing = (need: string) =>
    `use: {needs: [{pipeline: "7", job: package${need}}], script: [echo done]}`;
  const lenient = await project('lenient', needing(', optional: true'));
  const strict = await project('strict', needing(''));
  expect(await runProject(lenient, home)).toMatchObject({ passed: true });
  expect(await runProject(strict, home)).toMatchObject({
    passed: false,
    failures: [expect.stringContaining("It needs a job of pipeline '7'")],
  });
});

async function project(name: string, pipeline: string): Promise<string> {
  const folder = join(home, name);
  await mkdir(folder);
  await writeFile(join(folder, '.gitlab-ci.yml'), pipeline);
  return folder;
}
