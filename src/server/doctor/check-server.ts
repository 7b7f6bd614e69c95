import type { Clock } from '../../base/clock.ts';
import { type Finding, ok, problem, reasonOf, warning } from './finding.ts';

/** Whether a running server is ready, and how its clock goes. */
export async function checkServer(url: string, clock: Clock): Promise<readonly Finding[]> {
  const address = `${url.replace(/\/+$/, '')}/-/readiness`;
  try {
    const before = clock.now();
    const answer = await fetch(address, { signal: AbortSignal.timeout(10_000), redirect: 'manual' });
    const text = (await answer.text()).slice(0, 500);
    const date = Date.parse(answer.headers.get('date') ?? '');
    const findings: Finding[] = [
      answer.ok
        ? ok('server', `${url} is ready.`)
        : problem(
            'server',
            `${url} is not ready: ${answer.status} ${text}`,
            'Its log says what does not answer.',
          ),
    ];
    // The header has whole seconds.
    const seconds = (date - before) / 1000;
    if (Math.abs(seconds) > 3) {
      findings.push(
        warning(
          'server',
          `The clock of ${url} differs by ${Math.round(seconds)} s.`,
          'Turn on time synchronization on both machines.',
        ),
      );
    }
    return findings;
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    return [
      problem(
        'server',
        `${url} does not answer: ${reasonOf(cause)}.`,
        'Is it running, and is this the address it listens at?',
      ),
    ];
  }
}
