import { systemClock } from '../../base/clock.ts';
import { job, plan } from '../../pipeline/test-support/plan-builder.ts';
import { createPipelineStore, openStore } from '../index.ts';
import { addProject, pushOf } from './sample-project.ts';

/**
 * A program that is made to be killed: it makes pipelines in the database of its first argument, plays them to their
 * end, many at once, and prints a line for each event once that is acknowledged.
 */
const [database = '', name = ''] = process.argv.slice(2);
const store = await openStore({ database });
const pipelines = createPipelineStore(store, systemClock);
const projectId = await addProject(store, name);
const jobs = ['a', 'b', 'c'];
const chain = plan({ all: jobs.map((one, at) => job(one, { needs: jobs.slice(0, at) })) });

await Promise.all(Array.from({ length: 8 }, playForEver));

async function playForEver(): Promise<never> {
  for (;;) {
    const { id } = await pipelines.create(pushOf(projectId, chain));
    say(id, 'created');
    for (const one of jobs) {
      await pipelines.apply(id, [{ type: 'job-started', job: one, attempt: 1 }]);
      say(id, `${one} running`);
      const outcome = { status: 'success' } as const;
      await pipelines.apply(id, [{ type: 'job-finished', job: one, attempt: 1, outcome }]);
      say(id, `${one} success`);
    }
  }
}

function say(id: number, what: string): void {
  process.stdout.write(`${id} ${what}\n`);
}
