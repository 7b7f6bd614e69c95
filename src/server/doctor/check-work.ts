import { SLIPWAY_STEPS } from '../../protocol/index.ts';
import { type Db, sampleWork, stuckEntries, stuckLanes } from '../../store/index.ts';
import { type Finding, ok, problem, warning } from './finding.ts';

/** What waits for a runner that will never come, and what was to be carried out and was not. */
export async function checkWork(db: Db, now: number): Promise<readonly Finding[]> {
  return [...(await checkRunners(db, now)), ...(await checkQueues(db, now))];
}

async function checkRunners(db: Db, now: number): Promise<readonly Finding[]> {
  const rows = await db
    .selectFrom('runners')
    .select(['id', 'description', 'contacted_at', 'paused'])
    .orderBy('id')
    .execute();
  if (rows.length === 0) {
    return [
      warning(
        'runners',
        'No runner is registered, so no job runs.',
        'Start `slipway runner`, `slipway up`, or register the official gitlab-runner.',
      ),
    ];
  }
  const online = rows.filter(({ contacted_at: at }) => at !== null && now - at < ONLINE_MS);
  const findings: Finding[] = [];
  if (online.length > 0)
    findings.push(ok('runners', `${online.length} of ${rows.length} runners are online.`));
  else {
    findings.push(
      problem(
        'runners',
        `None of ${rows.length} runners has been heard of for two hours.`,
        'Start them, and look into their logs: can they reach the address of the server?',
      ),
    );
  }
  const stale = rows.filter(({ contacted_at: at }) => at === null || now - at > STALE_MS);
  if (stale.length > 0) {
    const names = stale.slice(0, 5).map(({ id, description }) => `${id} ${description}`.trim());
    findings.push(
      warning(
        'runners',
        `${stale.length} runners were not heard of for a week: ${names.join(', ')}.`,
        'Remove those that will not come back.',
      ),
    );
  }
  for (const { tags, features, project, count, seconds } of await stuckLanes(db, now - ONLINE_MS, now)) {
    const isOfBuild = features.includes(SLIPWAY_STEPS);
    const what = tags.length === 0 ? 'without tags' : `with the tags ${tags.join(', ')}`;
    findings.push(
      problem(
        'runners',
        `${count} jobs ${what} of ${project} wait, for ${Math.round(seconds)} s by now, and no runner that is online may take them.`,
        isOfBuild
          ? 'They are steps of a build, which only `slipway runner` and `slipway up` take: start one for this project.'
          : tags.length === 0
            ? 'Start a runner that takes untagged jobs of this project.'
            : 'Start a runner with these tags, or take them off the job.',
      ),
    );
  }
  return findings;
}

/** As GitLab counts. */
const ONLINE_MS = 2 * 3600_000;
const STALE_MS = 7 * 24 * 3600_000;

async function checkQueues(db: Db, now: number): Promise<readonly Finding[]> {
  const { outbox, overdueTimers } = await sampleWork(db, now);
  const findings: Finding[] = [];
  const late = outbox.filter(({ lagSeconds }) => lagSeconds > LATE_SECONDS);
  for (const { topic, count, lagSeconds } of late) {
    findings.push(
      problem(
        'work',
        `${count} entries of ${topic} are to be carried out, the oldest for ${Math.round(lagSeconds)} s.`,
        'Is a server running on this database? Its log says what it cannot carry out.',
      ),
    );
  }
  const failing = await stuckEntries(db, MANY_ATTEMPTS);
  if (failing > 0) {
    findings.push(
      problem(
        'work',
        `${failing} entries were tried ${MANY_ATTEMPTS} times and more, in vain.`,
        "Look for 'What follows failed' in the log of the server: it says why. They are tried again every ten minutes.",
      ),
    );
  }
  if (overdueTimers > 0) {
    findings.push(
      problem(
        'work',
        `${overdueTimers} timers should have gone off and did not.`,
        'Is a server running on this database? Delayed jobs wait for it.',
      ),
    );
  }
  return findings.length > 0 ? findings : [ok('work', 'Nothing is stuck.')];
}

const LATE_SECONDS = 60;
const MANY_ATTEMPTS = 5;
