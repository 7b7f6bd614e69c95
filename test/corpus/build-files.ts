import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { convertAndCompare } from '../../src/config/convert/test-support/plan-differences.ts';
import { contextFromJson, readPipeline } from '../../src/config/index.ts';
import { commitSources } from '../../src/local/index.ts';
import { gitDirectory } from './check-out.ts';

/**
 * Reads and plans the build files of public projects that cloudbuild.json or codebuild.json lists, and prints what is
 * wrong:
 *
 *     node test/corpus/build-files.ts codebuild FOLDER
 *
 * `FOLDER` holds clones of the repositories, called `owner+name` or `owner/name`. Errors make the command fail, and so
 * does a file that is taken for another language; except errors with a code that the list says is right, which must be
 * there. What `slipway convert` makes of each file must plan the same, too.
 */
interface Listed {
  readonly repository: string;
  readonly commit: string;
  readonly path: string;
  readonly refuses?: readonly string[];
}

async function main(): Promise<void> {
  const [language = '', checkouts] = process.argv.slice(2);
  if (checkouts === undefined) throw new Error('Name the language and the folder with the clones.');
  const list: readonly Listed[] = JSON.parse(
    readFileSync(join(import.meta.dirname, `${language}.json`), 'utf8'),
  );
  let jobs = 0;
  let wrong = 0;
  for (const listed of list) {
    const { planned, errors } = await read(listed, language, checkouts);
    jobs += planned;
    wrong += errors.length;
    for (const error of errors) process.stdout.write(`${listed.repository}: ${listed.path}:${error}\n`);
  }
  const repositories = new Set(list.map(({ repository }) => repository)).size;
  process.stdout.write(
    `${list.length} files of ${repositories} projects, ${jobs} jobs, ${wrong} wrong errors\n`,
  );
  if (wrong > 0) process.exitCode = 1;
}

async function read(
  { repository, commit, path, refuses = [] }: Listed,
  expected: string,
  checkouts: string,
): Promise<{ readonly planned: number; readonly errors: readonly string[] }> {
  const sources = await commitSources(gitDirectory(checkouts, repository), commit);
  try {
    const { context } = contextFromJson({ project_path: repository });
    const { language, plan, problems } = await readPipeline({ sources, file: path, context });
    if (language !== expected) return { planned: 0, errors: [` this is taken for ${language}`] };
    const errors = problems.filter(({ severity }) => severity === 'error');
    const unexpected = errors.filter(({ code }) => !refuses.includes(code));
    const missing = refuses.filter((code) => !errors.some((error) => error.code === code));
    const compared = plan === null ? null : await convertAndCompare({ sources, file: path, context });
    return {
      planned: plan?.jobs.length ?? 0,
      errors: [
        ...unexpected.map(({ place, message }) => `${place?.line}:${place?.column} ${message}`),
        ...missing.map((code) => ` ${code} is not reported`),
        ...(compared?.differences ?? []).map(
          ({ job, key }) => ` converted, ${job ?? 'the pipeline'} has another ${key}, and nothing says so`,
        ),
      ],
    };
  } finally {
    sources.close();
  }
}

await main();
