import { AppError } from '../base/app-error.ts';
import { printable } from '../base/printable.ts';
import type { SplitTestsOptions } from './commands/split-tests.ts';
import { EXIT } from './exit-codes.ts';
import { type Io, print } from './io.ts';

/** What `slipway split-tests` does. */
export async function splitTests(
  io: Io,
  given: readonly string[],
  options: SplitTestsOptions,
): Promise<number> {
  const end = options.null ? '\0' : '\n';
  const total = countOf('--total', options.total ?? io.environment.CI_NODE_TOTAL, 1);
  const index = countOf('--index', options.index ?? io.environment.CI_NODE_INDEX, 1);
  if (index > total) throw new AppError('bad-option', `There is no job ${index} of ${total}.`);
  const tests = given.length > 0 ? given : await readTests(io, end);
  const own = total === 1 ? tests : await shareOf(io, { tests, index, total });
  await print(io.stdout, own.map((test) => `${test}${end}`).join(''));
  return EXIT.success;
}

interface Asked {
  readonly tests: readonly string[];
  readonly index: number;
  readonly total: number;
}

async function shareOf(io: Io, asked: Asked): Promise<readonly string[]> {
  const answer = await askServer(io, asked);
  if (answer.kind === 'failed') {
    const { why } = answer;
    await print(io.stderr, `slipway split-tests: ${printable(why)}: the tests are dealt out in turn.\n`);
    return dealtOut(asked);
  }
  if (answer.differs) {
    await print(
      io.stderr,
      'slipway split-tests: another job of this pipeline has split other tests: some may run twice, or not at all.\n',
    );
  }
  const { tests } = answer;
  await print(io.stderr, `slipway split-tests: ${tests.length} of ${asked.tests.length} tests.\n`);
  return tests;
}

/** The same for all jobs, if they are given the same tests: in whatever order. */
function dealtOut({ tests, index, total }: Asked): readonly string[] {
  const sorted = [...new Set(tests)].sort();
  const own = new Set(sorted.filter((_test, at) => at % total === index - 1));
  return tests.filter((test) => own.has(test));
}

type Answer =
  | { readonly kind: 'answered'; readonly tests: readonly string[]; readonly differs: boolean }
  | { readonly kind: 'failed'; readonly why: string };

async function askServer({ environment }: Io, asked: Asked): Promise<Answer> {
  const { CI_API_V4_URL: address = '', CI_JOB_TOKEN: token = '' } = environment;
  const failed = (why: string): Answer => ({ kind: 'failed', why });
  if (address === '' || token === '') return failed('there is no server to ask');
  try {
    const response = await fetch(`${address}/job/test_split`, {
      method: 'POST',
      headers: { 'JOB-TOKEN': token, 'Content-Type': 'application/json' },
      body: JSON.stringify(asked),
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
    if (!response.ok) return failed(`the server has answered with ${response.status}`);
    return readAnswer(await response.json()) ?? failed('the server has answered with something else');
  } catch (error) {
    return failed(`the server cannot be asked (${error instanceof Error ? reasonOf(error) : 'unknown'})`);
  }
}

const PATIENCE_MS = 30_000;

function reasonOf(error: Error): string {
  return error.cause instanceof Error ? error.cause.message || error.message : error.message;
}

function readAnswer(json: unknown): Answer | null {
  if (typeof json !== 'object' || json === null || !('tests' in json) || !Array.isArray(json.tests))
    return null;
  const tests: readonly unknown[] = json.tests;
  if (!tests.every((test) => typeof test === 'string')) return null;
  return { kind: 'answered', tests, differs: 'differs' in json && json.differs === true };
}

async function readTests(io: Io, end: string): Promise<readonly string[]> {
  const chunks: Buffer[] = [];
  for await (const chunk of io.stdin ?? process.stdin) chunks.push(Buffer.from(chunk));
  const lines = Buffer.concat(chunks).toString('utf8').split(end);
  return lines.map((line) => (end === '\n' ? line.replace(/\r$/, '') : line)).filter((line) => line !== '');
}

function countOf(option: string, text: string | undefined, usual: number): number {
  if (text === undefined || text === '') return usual;
  const count = /^\d{1,4}$/.test(text) ? Number(text) : 0;
  if (count < 1)
    throw new AppError('bad-option', `${option} is a number from 1 to 9999, not ${JSON.stringify(text)}.`);
  return count;
}
