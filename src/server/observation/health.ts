import type { FastifyInstance } from 'fastify';
import type { Clock } from '../../base/clock.ts';
import type { Blobs, Store } from '../../store/index.ts';

export interface HealthParts {
  readonly store: Store;
  readonly blobs: Blobs;
  readonly clock: Clock;
  readonly isClosing: () => boolean;
}

/**
 * For those who watch over a server and send requests to it: `/-/health` and `/-/liveness` say that it answers at all,
 * `/-/readiness` whether its database and its storage do. They are asked at most once a second, however many want to know.
 */
export function healthRoutes(app: FastifyInstance, parts: HealthParts): void {
  const ask = remembered(parts.clock, () => checkAll(parts));
  for (const path of ['/-/health', '/-/liveness']) app.get(path, () => ({ status: 'ok' }));
  app.get('/-/readiness', async (_request, reply) => {
    const checks = parts.isClosing() ? { server: 'closing' } : await ask();
    const isReady = Object.values(checks).every((word) => word === 'ok');
    return reply.code(isReady ? 200 : 503).send({ status: isReady ? 'ok' : 'failed', checks });
  });
}

type Checks = Readonly<Record<string, string>>;

function remembered(clock: Clock, ask: () => Promise<Checks>): () => Promise<Checks> {
  let last: { readonly since: number; readonly checks: Promise<Checks> } | null = null;
  return () => {
    const now = clock.elapsed();
    if (last === null || now - last.since >= REMEMBERED_MS) last = { since: now, checks: ask() };
    return last.checks;
  };
}

const REMEMBERED_MS = 1000;
const PATIENCE_MS = 3000;

async function checkAll({ store, blobs, clock }: HealthParts): Promise<Checks> {
  const database = store.read((db) =>
    db.selectFrom('schema_migrations').select('version').limit(1).execute(),
  );
  // There is none of this name; a storage that says so is well.
  const storage = blobs.get('readiness');
  const [databaseWord, storageWord] = await Promise.all([wordOf(clock, database), wordOf(clock, storage)]);
  return { database: databaseWord, storage: storageWord };
}

/** What is wrong stands in the log of whoever needs it; here somebody asks who may not be entitled to know. */
async function wordOf(clock: Clock, asked: Promise<unknown>): Promise<string> {
  const late = Promise.withResolvers<string>();
  const cancel = clock.after(PATIENCE_MS, () => late.resolve('does not answer'));
  const answered = asked.then(
    () => 'ok',
    () => 'failed',
  );
  const word = await Promise.race([answered, late.promise]);
  cancel();
  return word;
}
