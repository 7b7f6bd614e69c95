import type { Artifacts, Cache } from '../../pipeline/index.ts';
import type { MappingNode } from '../document/index.ts';
import { type PlacedText, type ValueReader, valueIn } from './buildspec-values.ts';
import { ARTIFACTS, CACHE, REPORT, REPORT_FORMATS, SECONDARY_ARTIFACT } from './language/outputs.ts';
import { EXPORTED_FILE } from './phases-script.ts';

/**
 * What a build leaves behind: `artifacts` and `reports` together, because a job has one archive. CodeBuild tries to
 * upload it whatever became of the build. null when there is nothing.
 */
export function readArtifacts(
  root: MappingNode,
  exported: readonly string[],
  read: ValueReader,
): Artifacts | null {
  const artifacts = read.mapping(root, 'artifacts');
  read.known(artifacts, 'artifacts', ARTIFACTS);
  const secondary = read.mapping(artifacts, 'secondary-artifacts');
  const all = [
    artifacts,
    ...Array.from(secondary?.entries ?? [], ([name]) => secondaryArtifact(secondary, name, read)),
  ];
  const paths = all.flatMap((one) => filesOf(one, 'artifacts', read));
  const exclude = all.flatMap((one) =>
    within(
      one,
      read.texts(one, 'exclude-paths').map(({ text }) => text),
      read,
    ),
  );
  const reports = readReports(root, read);
  const dotenv = exported.length === 0 ? {} : { dotenv: [EXPORTED_FILE] };
  const kept = [...paths, ...reports.others];
  if (kept.length === 0 && Object.keys(reports.parsed).length === 0 && exported.length === 0) return null;
  return {
    name: plainName(read.text(artifacts, 'name'), read),
    paths: kept,
    exclude,
    untracked: false,
    when: 'always',
    expireIn: null,
    exposeAs: null,
    access: 'all',
    reports: { ...reports.parsed, ...dotenv },
  };
}

function secondaryArtifact(
  secondary: MappingNode | null,
  name: string,
  read: ValueReader,
): MappingNode | null {
  const node = read.mapping(secondary, name);
  read.known(node, `secondary-artifacts.${name}`, SECONDARY_ARTIFACT);
  if (node !== null) {
    read.notActedOn(node, `The files of ${name} are in the one archive that a job has`);
  }
  return node;
}

/** A name with commands in it is made by CodeBuild's shell; an archive here takes variables only. */
function plainName(name: PlacedText | null, read: ValueReader): string | null {
  if (name === null || !hasCommand(name.text)) return name?.text ?? null;
  read.notActedOn(name.node, 'name: a command in it is not run, and the archive has its usual name');
  return null;
}

function hasCommand(text: string): boolean {
  return /`|\$\(/.test(text);
}

function filesOf(node: MappingNode | null, place: string, read: ValueReader): readonly string[] {
  if (node === null) return [];
  const files = read.texts(node, 'files');
  if (files.length === 0 && valueIn(node, 'secondary-artifacts') === null)
    read.error(node, `${place} has no files`);
  const flat = valueIn(node, 'discard-paths');
  if (read.flag(node, 'discard-paths') && flat !== null) {
    read.notActedOn(flat, 'discard-paths: files keep their folders in the archive');
  }
  return within(
    node,
    files.map(({ text }) => text),
    read,
  );
}

/** From the base directory. `**` alone and all of it are the same in CodeBuild. */
function within(node: MappingNode | null, files: readonly string[], read: ValueReader): readonly string[] {
  const base = read.text(node, 'base-directory')?.text.replace(/\/+$/, '') ?? '';
  return files.map((file) => (base === '' || base === '.' ? file : `${base}/${file}`).replace(/^\.\//, ''));
}

interface Reports {
  readonly parsed: Readonly<Record<string, readonly string[]>>;
  readonly others: readonly string[];
}

function readReports(root: MappingNode, read: ValueReader): Reports {
  const groups = read.mapping(root, 'reports');
  const junit: string[] = [];
  const coverage: string[] = [];
  const others: string[] = [];
  for (const name of groups?.entries.keys() ?? []) {
    const group = read.mapping(groups, name);
    if (group === null) continue;
    read.known(group, `reports.${name}`, REPORT);
    const format = read.word(group, 'file-format', REPORT_FORMATS) ?? 'JUNITXML';
    const files = filesOf(group, `reports.${name}`, read);
    if (format === 'JUNITXML') junit.push(...files);
    else if (format === 'COBERTURAXML' || format === 'JACOCOXML') coverage.push(...files);
    else {
      const message = `reports.${name}: files of ${format} are kept as artifacts, and not read`;
      read.notActedOn(group, message);
      others.push(...files);
    }
  }
  return {
    parsed: {
      ...(junit.length === 0 ? {} : { junit }),
      ...(coverage.length === 0 ? {} : { coverage_report: coverage }),
    },
    others,
  };
}

/** CodeBuild's cache is the project's: without a key all builds share one. */
export function readCaches(root: MappingNode, read: ValueReader): readonly Cache[] {
  const cache = read.mapping(root, 'cache');
  read.known(cache, 'cache', CACHE);
  const paths = read.texts(cache, 'paths').flatMap(({ text, node }) => {
    if (!/^(?:\/|~)/.test(text)) return [text];
    read.notActedOn(node, `${text} is not cached: only what is in the source folder can be`);
    return [];
  });
  const key = read.text(cache, 'key');
  if (key !== null && hasCommand(key.text)) {
    read.notActedOn(
      key.node,
      'key: a command in it is not run, so the cache does not change with what it looks at',
    );
  }
  const action = read.word(cache, 'action', ['save', 'restore'] as const);
  if (paths.length === 0) return [];
  return [
    {
      key: { kind: 'text', text: key?.text ?? 'codebuild' },
      paths,
      untracked: false,
      unprotect: false,
      policy: action === 'save' ? 'push' : action === 'restore' ? 'pull' : 'pull-push',
      when: 'on_success',
      fallbackKeys: read.texts(cache, 'fallback-keys').map(({ text }) => text),
    },
  ];
}
