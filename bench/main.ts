import { readFileSync, writeFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { join } from 'node:path';
import { benchArtifacts } from './artifacts.ts';
import { benchDockerJob } from './docker-job.ts';
import { benchGit } from './git.ts';
import { benchIdleServer } from './idle-server.ts';
import { benchList } from './list.ts';
import { benchLog } from './log.ts';
import { slipway } from './measure.ts';
import { benchPhases } from './phases.ts';
import { benchServer } from './server.ts';
import { benchShellJobs } from './shell-jobs.ts';
import { benchStore } from './store.ts';
import { type Section, sectionText } from './table.ts';

/**
 * `make bench`: runs the benchmarks named as arguments, or all of them, and prints a table for each. When all ran, the
 * tables replace those in bench/README.md. Nothing here fails because something is slow.
 */
const benches: Readonly<Record<string, () => Promise<Section>>> = {
  list: benchList,
  phases: benchPhases,
  'shell-jobs': benchShellJobs,
  'docker-job': benchDockerJob,
  artifacts: benchArtifacts,
  log: benchLog,
  store: benchStore,
  server: benchServer,
  'idle-server': benchIdleServer,
  git: benchGit,
};

const MARK = '<!-- tables: written by make bench -->';
const chosen = process.argv.length > 2 ? process.argv.slice(2) : Object.keys(benches);
await slipway(import.meta.dirname, ['--version']); // Builds the bundle when the sources are newer.

const texts: string[] = [];
for (const name of chosen) {
  const bench = benches[name];
  if (bench === undefined)
    throw new Error(`There is no benchmark ${name}; there are ${Object.keys(benches).join(', ')}.`);
  const text = sectionText(await bench());
  process.stdout.write(`${text}\n`);
  texts.push(text);
}
if (chosen.length === Object.keys(benches).length) keep(texts);

function keep(sections: readonly string[]): void {
  const path = join(import.meta.dirname, 'README.md');
  const readme = readFileSync(path, 'utf8');
  const start = readme.indexOf(MARK) + MARK.length;
  if (start < MARK.length) throw new Error(`${path} has lost its mark: ${MARK}`);
  const date = new Date().toISOString().slice(0, 10);
  const machine = `${cpus().length} × ${cpus()[0]?.model.trim()}, ${Math.round(totalmem() / 1e9)} GB, ${process.platform}`;
  const head = `\n\nMeasured on ${date} with \`make bench\`: ${machine}, Node ${process.versions.node}.\n`;
  writeFileSync(path, `${readme.slice(0, start)}${head}\n${sections.join('\n')}`);
}
