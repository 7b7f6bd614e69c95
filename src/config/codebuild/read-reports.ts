import type { MappingNode } from '../document/index.ts';
import type { ValueReader } from './buildspec-values.ts';
import { REPORT, REPORT_FORMATS } from './language/outputs.ts';

export interface ReadReports {
  /** As a job of GitLab's has them. */
  readonly parsed: Readonly<Record<string, readonly string[]>>;
  /** Files of formats that nothing reads. */
  readonly others: readonly string[];
}

/** The groups of `reports`. */
export function readReports(root: MappingNode, read: ValueReader): ReadReports {
  const groups = read.mapping(root, 'reports');
  checkCount(groups, read);
  const parsed = new Map<string, string[]>();
  const others: string[] = [];
  for (const name of groups?.entries.keys() ?? []) {
    const group = read.mapping(groups, name);
    if (group === null) continue;
    read.known(group, `reports.${name}`, REPORT);
    const format = read.word(group, 'file-format', REPORT_FORMATS) ?? 'JUNITXML';
    const { base, files: written } = filesOf(group, `reports.${name}`, read);
    read.flag(group, 'discard-paths');
    const files = within(base, written);
    const type = READ[format];
    if (type !== undefined) parsed.set(type, [...(parsed.get(type) ?? []), ...files]);
    else {
      const message = `reports.${name}: files of ${format} are kept as artifacts, and not read`;
      read.notActedOn(group, message);
      others.push(...files);
    }
  }
  return { parsed: Object.fromEntries([...parsed].filter(([, files]) => files.length > 0)), others };
}

/** The types that the formats are kept under. */
const READ: Readonly<Partial<Record<(typeof REPORT_FORMATS)[number], string>>> = {
  JUNITXML: 'junit',
  CUCUMBERJSON: 'cucumber',
  TESTNGXML: 'testng',
  NUNITXML: 'nunit',
  NUNIT3XML: 'nunit',
  VISUALSTUDIOTRX: 'trx',
  COBERTURAXML: 'cobertura',
  JACOCOXML: 'jacoco',
};

/** The most groups that a project may name. */
const MOST_GROUPS = 5;

function checkCount(groups: MappingNode | null, read: ValueReader): void {
  const surplus = [...(groups?.entries.values() ?? [])][MOST_GROUPS];
  if (surplus !== undefined) {
    read.error(surplus.value, `A buildspec has ${MOST_GROUPS} report groups at most`);
  }
}

/** `files` and the folder that they are in, empty where that is the source's own. */
export function filesOf(
  node: MappingNode,
  place: string,
  read: ValueReader,
): { readonly base: string; readonly files: readonly string[] } {
  const files = read.texts(node, 'files').flatMap(({ text }) => (text.trim() === '' ? [] : [text]));
  if (files.length === 0) read.error(node, `${place} has no files`);
  const base = read.text(node, 'base-directory')?.text.replace(/\/+$/, '') ?? '';
  return { base: base === '.' ? '' : base.replace(/^(?:\.\/+)+/, ''), files };
}

/** As paths from where the source is. */
export function within(base: string, files: readonly string[]): readonly string[] {
  return files.map((file) => (base === '' ? file : `${base}/${file}`).replace(/^\.\//, ''));
}
