import {
  contextFromJson,
  describePipeline,
  type PipelineReading,
  readPipeline,
} from '../../src/config/index.ts';
import { projectSources } from '../../src/local/project-sources.ts';
import { projects } from './projects.ts';
import { standInElsewhere } from './stand-ins.ts';

/** What one event came to. */
export interface EventResult {
  readonly event: EventName;
  readonly outcome: PipelineReading['outcome'];
  readonly jobs: number;
  /** From the text of the files to the plan. The first one pays for everything that is loaded and compiled. */
  readonly milliseconds: number;
  readonly problems: readonly { readonly severity: string; readonly code: string; readonly text: string }[];
}

export interface ProjectResult {
  readonly events: readonly EventResult[];
  readonly includes: number;
  /** Those that a stand-in answered. */
  readonly standIns: readonly string[];
  /** How many jobs were explained. */
  readonly explained: number;
  readonly peakMegabytes: number;
}

export type EventName = 'push' | 'merge request' | 'tag' | 'schedule';

const EVENTS: Readonly<Record<EventName, Readonly<Record<string, unknown>>>> = {
  push: { source: 'push' },
  'merge request': { source: 'merge_request_event', ref: 'topic' },
  tag: { source: 'push', tag: 'v1.2.3' },
  schedule: { source: 'schedule' },
};

/**
 * Reads one project of the list for the four events, and prints what came out as JSON. A process of its own, so that
 * its memory can be told.
 *
 *     node test/corpus/read-project.ts OWNER/NAME FOLDER
 *
 * `FOLDER` holds the project and those it includes from, laid out by check-out.ts. With `--describe EVENT` the whole
 * pipeline of that event is printed instead.
 */
async function main(): Promise<void> {
  const [repository = '', root = '', , event] = process.argv.slice(2);
  const project = projects().find((known) => known.repository === repository);
  if (project === undefined) throw new Error(`${repository} is not in gitlab.json`);
  const folder = `${root}/${repository.replace('/', '+')}`;
  const asked = new Set<string>();
  const read = (name: EventName) => {
    const local = projectSources(folder, standInElsewhere(project, root, asked));
    // A branch of the forge that a copy does not have: then all may have changed.
    const changedSince = async (ref: string) => (await local.changedSince(ref)) ?? local.listFiles();
    const { context } = contextFromJson({
      default_branch: project.branch,
      project_path: project.project,
      ...EVENTS[name],
    });
    return readPipeline({ sources: { ...local, changedSince }, file: project.file, context });
  };
  if (isEvent(event)) {
    process.stdout.write(`${JSON.stringify(describePipeline(await read(event)))}\n`);
    return;
  }
  const events: EventResult[] = [];
  let includes = 0;
  let explained = 0;
  for (const name of Object.keys(EVENTS).filter(isEvent)) {
    const started = performance.now();
    const reading = await read(name);
    const milliseconds = performance.now() - started;
    includes = Math.max(includes, reading.files?.includes.length ?? 0);
    const problems = reading.problems.map(({ severity, code, message, place }) => ({
      severity,
      code,
      text: place === null ? message : `${place.file}:${place.line}:${place.column} ${message}`,
    }));
    const jobs = reading.plan?.jobs ?? [];
    for (const job of jobs) {
      if ((await reading.explain(job.name)) === null) throw new Error(`no explanation of ${job.name}`);
      explained += 1;
    }
    events.push({ event: name, outcome: reading.outcome, jobs: jobs.length, milliseconds, problems });
  }
  const peakMegabytes = process.resourceUsage().maxRSS / 1024;
  const result: ProjectResult = { events, includes, standIns: [...asked], explained, peakMegabytes };
  process.stdout.write(`${JSON.stringify(result)}\n`);
}

function isEvent(name: string | undefined): name is EventName {
  return name !== undefined && Object.hasOwn(EVENTS, name);
}

if (import.meta.main) await main();
