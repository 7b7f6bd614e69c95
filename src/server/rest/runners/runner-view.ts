import type { RestRunner, RestRunnerDetails, UpdateRunner } from '../../../protocol/index.ts';
import type { Runner, RunnerManager, RunnerSettings } from '../../../store/index.ts';
import { time, timeOrNull } from '../views/times.ts';

/** A runner as lists show it. */
export function runnerView(runner: Runner, now: number): RestRunner {
  const status = statusOf(runner, now);
  return {
    id: runner.id,
    description: runner.description,
    runner_type: runner.kind,
    is_shared: runner.kind === 'instance_type',
    active: !runner.paused,
    paused: runner.paused,
    online: status === 'online',
    status,
    contacted_at: timeOrNull(runner.contactedAt),
    created_at: time(runner.createdAt),
    tag_list: [...runner.tags],
  };
}

/** A runner by itself. */
export function runnerDetails(
  runner: Runner,
  managers: readonly RunnerManager[],
  now: number,
): RestRunnerDetails {
  return {
    ...runnerView(runner, now),
    run_untagged: runner.runUntagged,
    locked: runner.locked,
    access_level: runner.protected ? 'ref_protected' : 'not_protected',
    maximum_timeout: runner.maximumTimeoutSeconds,
    projects: runner.projects.map((id) => ({ id })),
    managers: managers.map((manager) => ({
      system_id: manager.systemId,
      version: manager.version,
      platform: manager.platform,
      architecture: manager.architecture,
      executor: manager.executor,
      contacted_at: time(manager.contactedAt),
    })),
  };
}

/** GitLab's limits: a runner is offline after two hours, and stale after seven days. */
function statusOf({ contactedAt, createdAt }: Runner, now: number): RestRunner['status'] {
  if (now - (contactedAt ?? createdAt) > SEVEN_DAYS_MS) return 'stale';
  if (contactedAt === null) return 'never_contacted';
  return now - contactedAt < TWO_HOURS_MS ? 'online' : 'offline';
}

const TWO_HOURS_MS = 2 * 3600 * 1000;
const SEVEN_DAYS_MS = 7 * 24 * 3600 * 1000;

/** What a request sets of a runner; what it does not name stays. */
export function changesOf(body: UpdateRunner): Partial<RunnerSettings> {
  return {
    ...(body.description === undefined ? {} : { description: body.description }),
    ...(body.paused === undefined ? {} : { paused: body.paused }),
    ...(body.locked === undefined ? {} : { locked: body.locked }),
    ...(body.run_untagged === undefined ? {} : { runUntagged: body.run_untagged }),
    ...(body.tag_list === undefined ? {} : { tags: tagsOf(body.tag_list) }),
    ...(body.access_level === undefined ? {} : { protected: body.access_level === 'ref_protected' }),
    ...(body.maximum_timeout === undefined ? {} : { maximumTimeoutSeconds: body.maximum_timeout }),
  };
}

/** Each tag once. */
export function tagsOf(list: UpdateRunner['tag_list']): readonly string[] {
  const tags = (list ?? []).flatMap((text) => text.split(','));
  return [...new Set(tags.map((tag) => tag.trim()).filter((tag) => tag !== ''))];
}
