import { availableParallelism } from 'node:os';
import { setFlagsFromString } from 'node:v8';
import { AppError } from '../base/app-error.ts';
import { systemClock } from '../base/clock.ts';
import { remarkOnCommit, runLocally, selectJobs, stateFolders } from '../local/index.ts';
import type { Plan } from '../pipeline/index.ts';
import { chooseColours } from './colours.ts';
import type { RunOptions } from './commands/run.ts';
import { EXIT } from './exit-codes.ts';
import { openPipelineFor } from './given-context.ts';
import { listenForInterrupts } from './interrupts.ts';
import { type Io, print } from './io.ts';
import { chooseDisplay } from './looks/choose-display.ts';
import { outcomeHint, outcomeSentence } from './outcome-text.ts';
import { showProblems } from './show-problems.ts';

/** What `slipway run` does: reads the pipeline, chooses the jobs, runs them and shows it. Answers with the exit code. */
export async function run(
  io: Io,
  jobs: readonly string[],
  options: RunOptions,
  color: boolean,
): Promise<number> {
  const opened = await openPipelineFor(io, options);
  const { read, root, sources, context, projects } = opened;
  await showProblems(io, read.problems, color);
  if (options.json === true && read.problems.length > 0) {
    await print(
      io.stdout,
      `${JSON.stringify({ type: 'problems', language: read.language, problems: read.problems })}\n`,
    );
  }
  if (read.outcome === 'invalid') return EXIT.invalid;
  if (read.plan === null) {
    const hint = outcomeHint(opened);
    throw new AppError('no-pipeline', outcomeSentence(opened), hint === null ? {} : { hint });
  }
  if (options.json === true) {
    const file = { type: 'pipeline-file', file: opened.file, language: read.language };
    await print(io.stdout, `${JSON.stringify(file)}\n`);
  }
  const remark = remarkOnCommit(context);
  if (remark !== null) await print(io.stderr, `note: ${remark}\n`);

  // A flood of log is garbage that dies young, in buffers that V8 hardly counts: told to mind its size, and to keep the
  // nursery small, it passes on 1 GB in 120 MB of memory instead of 165, at 145 MB/s instead of 170 (bench/log.ts).
  setFlagsFromString('--semi-space-growth-factor=1');
  setFlagsFromString('--optimize-for-size');
  const plan = chosenPlan(read.plan, jobs, options);
  const interrupts = listenForInterrupts(io);
  const display = chooseDisplay(io, options, chooseColours(io, io.stdout, color));
  try {
    const { passed } = await runLocally({
      repository: root,
      plan,
      context,
      sources,
      placeOf: read.placeOf,
      projects,
      executor: options.executor,
      defaultImage: options.image ?? null,
      sandbox: options.sandbox ? 'auto' : 'off',
      privileged: options.privileged ?? 'auto',
      engineSocket: options.engineSocket === true,
      concurrency: options.concurrency ?? availableParallelism(),
      manual: options.manual,
      includeUncommitted: options.committed !== true,
      keep: options.keep === true ? { passed: jobs } : null,
      awsSecrets: options.awsSecrets === true,
      folders: stateFolders(root, io.environment),
      environment: { ...io.environment },
      clock: systemClock,
      listener: display.show,
      cancel: interrupts.cancel,
      kill: interrupts.kill,
    });
    if (interrupts.cancel.aborted) return EXIT.interrupted;
    return passed ? EXIT.success : EXIT.failed;
  } finally {
    await display.close();
    interrupts.stop();
  }
}

function chosenPlan(plan: Plan, jobs: readonly string[], { needs }: RunOptions): Plan {
  if (jobs.length > 0) return selectJobs(plan, jobs, needs === true);
  if (needs !== true) return plan;
  throw new AppError('bad-option', '--needs goes with the names of jobs.', {
    hint: 'For example: slipway run deploy --needs',
  });
}
