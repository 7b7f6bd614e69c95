import { join } from 'node:path';
import type { FastifyInstance } from 'fastify';
import { systemClock } from '../base/clock.ts';
import {
  createOutbox,
  createPipelineStore,
  createQueue,
  createResourceGroups,
  createTimers,
  openBlobs,
  openStore,
  PIPELINE_WORK,
  projectByPath,
  type Store,
} from '../store/index.ts';
import { createGitAccess } from './access/git-access.ts';
import { startBackgroundWork } from './background-work.ts';
import { createJobBroker } from './broker/job-broker.ts';
import { createDownstream } from './downstream/downstream.ts';
import {
  createGitHttp,
  createPipelineRefs,
  type GitSsh,
  type GitSurroundings,
  hostedElsewhere,
  openCommits,
  openRepositories,
} from './git/index.ts';
import { createDeletion } from './housekeeping/deletion.ts';
import { createStuckLanes } from './housekeeping/stuck-jobs.ts';
import { createWeb } from './http/create-web.ts';
import { createOutsideIncludes } from './includes/outside-includes.ts';
import { listenSsh } from './listen-ssh.ts';
import { listeningFailed } from './listening-failed.ts';
import { createMergeRequestPipelines } from './merge-requests/merge-request-pipelines.ts';
import { healthRoutes } from './observation/health.ts';
import { logChanges } from './observation/log-changes.ts';
import { metricsRoute } from './observation/metrics-route.ts';
import { createServerMetrics, type ServerMetrics } from './observation/server-metrics.ts';
import { createPipelineTraces, NO_TRACES } from './observation/traces/pipeline-traces.ts';
import { createCacheKeys } from './pipelines/cache-keys.ts';
import { createCommitKeeper, RELEASE_COMMIT } from './pipelines/commit-keeper.ts';
import { createPipelineMaker } from './pipelines/create-pipeline.ts';
import { createJobDescriber } from './pipelines/describe-job.ts';
import { createLostJobs } from './pipelines/lost-jobs.ts';
import { createLostOffers } from './pipelines/lost-offers.ts';
import { createPipelineEffects } from './pipelines/pipeline-effects.ts';
import { createPushReceiver } from './pipelines/receive-push.ts';
import { createLostPlaces } from './places/lost-places.ts';
import { createPlaces } from './places/places.ts';
import { restApi } from './rest/rest-api.ts';
import { runnerApi } from './runner-api/runner-api.ts';
import { SERVER_LIMITS, type ServerOptions, unansweredAfter, unheardAfter } from './server-options.ts';
import type { ServerParts } from './server-parts.ts';
import { startGitUpkeep } from './work/git-upkeep.ts';
import { startOutboxWorker } from './work/outbox-worker.ts';
import { repeatedly } from './work/repeatedly.ts';
import { startTimerWorker } from './work/timer-worker.ts';
import { rememberUnrecorded } from './work/unrecorded-pushes.ts';

/** A server that answers. */
export interface RunningServer extends AsyncDisposable {
  /** Where it listens, as a program on this machine reaches it. */
  readonly address: string;
  /** As people and runners reach it. */
  readonly url: string;
  readonly parts: ServerParts;
  /** Where git is served over SSH; null: it is not. */
  readonly ssh: GitSsh | null;
}

/**
 * Starts a server: opens what it keeps, looks for pushes that a killed server has not dealt with, and answers. Throws an
 * AppError when something cannot be opened, or the address is taken (`address-taken`).
 */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const { dataFolder, clock = systemClock } = options;
  const limits = { ...SERVER_LIMITS, ...options.limits };
  await using opened = new AsyncDisposableStack();

  const metrics: ServerMetrics = opened.use(
    createServerMetrics({
      store: () => store,
      clock,
      failed: (error) => web.app.log.warn({ err: error }, 'A figure could not be taken'),
    }),
  );
  const store: Store = opened.use(
    await openStore({ database: options.database ?? dataFolder, clock, committed: metrics.committed }),
  );
  const blobs = metrics.counting(
    opened.use(await openBlobs({ place: options.blobs ?? join(dataFolder, 'files') })),
  );
  const repositories = await openRepositories(join(dataFolder, 'repositories'));
  const commits = openCommits(repositories);
  opened.defer(() => commits.close());

  const web = createWeb({ log: options.log, limits, clock, metrics });
  const url = { current: options.url ?? '' };
  const sshPort = { current: 22 };
  const traces =
    options.traces === undefined
      ? NO_TRACES
      : createPipelineTraces({
          ...options.traces,
          ...{ store: () => store, clock, serverUrl: () => url.current },
          remark: (message, about) => web.app.log.warn(about, message),
        });
  opened.use(traces);
  const log = logChanges(web.app.log);
  const pipelines = createPipelineStore(store, clock, {
    tells: ({ type }) => type === 'pipeline-status-changed',
    changed(pipeline, commands) {
      metrics.changed(commands);
      traces.changed(pipeline, commands);
      log(pipeline, commands);
    },
  });
  const outbox = createOutbox(store, clock);
  const queue = opened.use(createQueue(store, pipelines, clock));
  const server = {
    get url() {
      return url.current;
    },
    get sshPort() {
      return sshPort.current;
    },
  };
  const remark = (message: string, about: Readonly<Record<string, unknown>>) =>
    web.app.log.warn(about, message);

  const outside = await createOutsideIncludes({
    folder: join(dataFolder, 'includes'),
    allowedHosts: options.allowedHosts ?? [],
    environment: process.env,
    failed: (error) => web.app.log.warn({ err: error }, 'A fetched file could not be kept'),
  });
  const elsewhere = () => {
    const others = outside.open();
    const hosted = hostedElsewhere({
      commits,
      host: new URL(server.url).host,
      findProject: async (path) => (await store.read((db) => projectByPath(db, path)))?.id ?? null,
      others,
    });
    return { ...hosted, [Symbol.asyncDispose]: () => others[Symbol.asyncDispose]() };
  };
  const timers = createTimers(store, clock);
  const keeper = opened.use(
    createCommitKeeper({
      ...{ store, timers, commits, clock },
      refs: createPipelineRefs(repositories),
      failed: (error) => web.app.log.warn({ err: error }, 'The ref of a pipeline could not be taken away'),
    }),
  );
  const maker = createPipelineMaker({ store, pipelines, commits, keeper, clock, server, elsewhere });
  const receiver = createPushReceiver({
    ...{ store, outbox, clock, maker },
    serverUrl: () => server.url,
    userOf: () => ADMINISTRATOR,
  });
  const describer = createJobDescriber({
    store,
    pipelines,
    clock,
    server,
    ...{ commits, keeper },
    cacheKeys: createCacheKeys(commits),
  });
  const places = createPlaces({ store, blobs, pipelines, remark });
  const broker = opened.use(
    createJobBroker({
      ...{ store, blobs, pipelines, queue, outbox, describer, places, clock, limits, remark },
      ended: metrics.jobEnded,
    }),
  );
  const groups = createResourceGroups(store, () => clock.now());
  const kept = {
    store,
    blobs,
    pipelines,
    repositories,
    commits,
    maker,
    outbox,
    queue,
    groups,
    places,
    clock,
    server,
  };
  const parts: ServerParts = {
    ...kept,
    administrator: ADMINISTRATOR,
    deletion: createDeletion(kept),
    stuckLanes: createStuckLanes(clock),
    mergeRequests: createMergeRequestPipelines({ ...kept, administrator: ADMINISTRATOR }),
  };

  const unrecorded = rememberUnrecorded(receiver);
  const surroundings: GitSurroundings = {
    access: createGitAccess(store, clock),
    receiver: unrecorded.receiver,
    failed: (error, about) => web.app.log.error({ err: error, ...about }, 'Git could not be served'),
  };
  web.serveGit(createGitHttp({ repositories, surroundings }));
  await web.app.register(runnerApi, {
    prefix: '/api/v4',
    broker,
    longPollMs: limits.longPollMs,
    ending: web.ending,
  });
  await web.app.register(restApi, { prefix: '/api/v4', parts });
  healthRoutes(web.app, { store, blobs, clock, isClosing: () => web.ending.aborted });
  metricsRoute(web.app, { metrics, store, clock });

  const address = await listen(web.app, options);
  opened.defer(() => web.close());
  if (url.current === '') url.current = address;
  const ssh = await listenSsh(options, { repositories, surroundings });
  if (ssh !== null) {
    opened.defer(() => ssh.close());
    sshPort.current = ssh.port;
  }

  const effects = createPipelineEffects({
    ...{ store, pipelines, server, keeper, places, groups },
    downstream: createDownstream({
      ...{ store, blobs, pipelines, commits, maker, server },
      now: () => clock.now(),
    }),
  });
  opened.use(
    startOutboxWorker({
      ...{ store, outbox, clock },
      topic: PIPELINE_WORK.name,
      carryOut: effects.carryOut,
      failed: (error, entry) => web.app.log.error({ err: error, entry: entry.id }, 'What follows failed'),
    }),
  );
  opened.use(
    startBackgroundWork({
      ...parts,
      ...{ remark, testReportBytes: limits.testReportBytes, stuckMs: limits.stuckJobMs },
      failed: (what, error, entry) => web.app.log.error({ err: error, entry: entry?.id }, what),
    }),
  );
  opened.use(
    startTimerWorker({
      ...{ store, clock },
      timers,
      carryOut: (timer) =>
        timer.kind === RELEASE_COMMIT.name ? keeper.releaseDue(timer) : effects.delayElapsed(timer),
      failed: (error) => web.app.log.error({ err: error }, 'A timer failed'),
    }),
  );
  const lost = createLostJobs({
    ...{ store, pipelines, places, clock, remark },
    silentMs: limits.silentRunnerMs,
    unheardMs: unheardAfter(limits),
  });
  const failed = (error: unknown) => web.app.log.error({ err: error }, 'Looking after jobs failed');
  const lookEveryMs = Math.min(LOOK_EVERY_MS, unheardAfter(limits) / 5);
  opened.use(repeatedly(clock, lookEveryMs, lost.look, failed));
  const unansweredMs = unansweredAfter(limits);
  const lostOffers = createLostOffers({ store, clock, remark, unansweredMs });
  opened.use(repeatedly(clock, Math.min(LOOK_EVERY_MS, unansweredMs / 3), lostOffers.look, failed));
  const lostPlaces = createLostPlaces({ store, places, clock, remark, silentMs: limits.silentRunnerMs });
  opened.use(repeatedly(clock, lookEveryMs, lostPlaces.look, failed));
  opened.use(
    await startGitUpkeep({
      ...{ store, repositories, receiver, unrecorded, clock, remark },
      failed: (what, error, project) => web.app.log.error({ err: error, project }, what),
    }),
  );

  const closing = opened.move();
  return {
    ...{ address, url: url.current, parts, ssh },
    [Symbol.asyncDispose]() {
      web.beginToEnd();
      return closing.disposeAsync();
    },
  };
}

const LOOK_EVERY_MS = 10_000;

/** The only person there is. */
const ADMINISTRATOR = { id: 1, login: 'root', name: 'Administrator', email: 'admin@localhost' } as const;

async function listen(app: FastifyInstance, { host, port }: ServerOptions): Promise<string> {
  try {
    await app.listen({ host, port });
  } catch (cause) {
    throw listeningFailed(cause, host, port);
  }
  const bound = app.server.address();
  const name = host.includes(':') ? `[${host}]` : host;
  const taken = typeof bound === 'object' && bound !== null ? bound.port : port;
  return `http://${name === '0.0.0.0' || name === '[::]' ? 'localhost' : name}:${taken}`;
}
