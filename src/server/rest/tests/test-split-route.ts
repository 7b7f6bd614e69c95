import { answerSplit } from '../../reports/answer-split.ts';
import { Refusal } from '../../runner-api/refusal.ts';
import type { RestScope } from '../rest-scope.ts';

/** The share of the tests that a job of a parallel one is to run. Slipway's own: `slipway split-tests` asks it. */
export function testSplitRoute({ api, parts, schemas, access }: RestScope): void {
  api.post(
    '/job/test_split',
    {
      bodyLimit: MOST_BYTES,
      schema: {
        summary: 'The share of the tests that this job is to run',
        body: schemas.SplitTests,
        response: { 200: schemas.RestTestShare, '4xx': schemas.RestFailure },
      },
    },
    async (request) => {
      const who = access.somebody(request);
      if (who.kind !== 'job') throw new Refusal(403, '403 Forbidden - only a job has a share of tests');
      const { index, total, tests } = request.body;
      if (index > total) throw new Refusal(400, 'index is more than total');
      const answer = await answerSplit(parts, { jobId: who.jobId, index, total, tests });
      if (answer === null) throw new Refusal(404, '404 Not Found');
      return { ...answer, tests: [...answer.tests] };
    },
  );
}

const MOST_BYTES = 16 * 1024 * 1024;
