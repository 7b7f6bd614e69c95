import { type Static, Type } from 'typebox';
import { Id, IntegerOrNull, ProjectRef, pageKeys, TextOrNull, Time } from './fields.ts';

const counts = {
  total_time: Type.Number(),
  total_count: Type.Integer(),
  success_count: Type.Integer(),
  failed_count: Type.Integer(),
  skipped_count: Type.Integer(),
  error_count: Type.Integer(),
} as const;

export const RestTestSummary = Type.Object({
  total: Type.Object({
    time: Type.Number(),
    count: Type.Integer(),
    success: Type.Integer(),
    failed: Type.Integer(),
    skipped: Type.Integer(),
    error: Type.Integer(),
    suite_error: TextOrNull,
  }),
  test_suites: Type.Array(
    Type.Object({
      name: Type.String(),
      ...counts,
      build_ids: Type.Array(Type.Integer()),
      suite_error: TextOrNull,
    }),
  ),
});
export type RestTestSummary = Static<typeof RestTestSummary>;

/** Ours: a case as it is known from all its runs. */
export const RestTest = Type.Object({
  id: Type.Integer(),
  job: Type.String(),
  suite: Type.String(),
  classname: Type.String(),
  name: Type.String(),
  file: TextOrNull,
  runs: Type.Integer(),
  mean_time: Type.Number({ description: 'Seconds; later runs count for more' }),
  last_run_at: Time,
});
export type RestTest = Static<typeof RestTest>;

export const RestFlakyTest = Type.Object({
  ...RestTest.properties,
  flaky_commits: Type.Integer({ description: 'Commits on which it has passed and failed' }),
  last_flaky_at: Time,
});

export const RestNewFailure = Type.Object({ ...RestTest.properties, job_id: Type.Integer() });

export const RestTestRun = Type.Object({
  pipeline_id: Type.Integer(),
  job_id: Type.Integer(),
  ref: Type.String(),
  sha: Type.String(),
  status: Type.String(),
  execution_time: Type.Number(),
  created_at: Time,
});
export type RestTestRun = Static<typeof RestTestRun>;

const RunOrNull = Type.Union([RestTestRun, Type.Null()]);

export const RestTestDetails = Type.Object({
  ...RestTest.properties,
  ref: Type.String(),
  last_run: RunOrNull,
  failing_since: RunOrNull,
  last_success: RunOrNull,
});

export const TestParams = Type.Object({ id: ProjectRef, test_id: Id });

const text = Type.Optional(Type.String({ minLength: 1, maxLength: 1024 }));

export const ListTests = Type.Object({ ...pageKeys, job: text, suite: text, name: text });
export const TestsLimit = Type.Object({
  per_page: Type.Optional(Type.Integer({ minimum: 1, maximum: 100, default: 20 })),
});
export const ListFlakyTests = Type.Object({
  ...TestsLimit.properties,
  days: Type.Optional(Type.Integer({ minimum: 1, maximum: 3650, default: 14 })),
});
export const TestRefQuery = Type.Object({ ref: text });
export const ListTestRuns = Type.Object({
  ...TestsLimit.properties,
  ref: text,
  before_pipeline: Type.Optional(Id),
});

/** What a job of a parallel one asks for. */
export const SplitTests = Type.Object({
  tests: Type.Array(Type.String({ minLength: 1, maxLength: 1024 }), { maxItems: 100_000 }),
  index: Type.Integer({ minimum: 1, maximum: 10_000 }),
  total: Type.Integer({ minimum: 1, maximum: 10_000 }),
});

export const RestTestShare = Type.Object({
  tests: Type.Array(Type.String()),
  known: IntegerOrNull,
  differs: Type.Boolean(),
});
