import { closestTo } from '../../base/closest.ts';
import type { Problem } from '../../base/problem.ts';
import {
  type MappingNode,
  type Node,
  parseDocuments,
  problemAt,
  type SourceText,
  type Span,
  scalarText,
} from '../document/index.ts';
import type { SourceTree } from '../sources.ts';
import {
  type BuilderMapping,
  type CloudbuildSettings,
  type CodebuildSettings,
  NO_SETTINGS,
  type Settings,
} from './settings.ts';

export interface SettingsReading {
  readonly settings: Settings;
  readonly problems: readonly Problem[];
}

/** The file that a project says in how Slipway treats it, at the root of its repository. */
export const SETTINGS_FILE = 'slipway.yml';

/**
 * Reads `slipway.yml`. There need not be one. What is wrong in it is an error with its place, and left out; nothing
 * throws.
 */
export async function readSettings(sources: Pick<SourceTree, 'readFile'>): Promise<SettingsReading> {
  const read = await sources.readFile(SETTINGS_FILE);
  if (read.kind === 'absent') return { settings: NO_SETTINGS, problems: [] };
  if (read.kind !== 'text') {
    const file: SourceText = { name: SETTINGS_FILE, text: '' };
    const message = `${SETTINGS_FILE} cannot be read: ${read.kind === 'too-large' ? 'it is too large' : 'it is no text in UTF-8'}`;
    return {
      settings: NO_SETTINGS,
      problems: [problemAt({ file, start: 0, end: 0 }, { code: 'invalid-settings', message })],
    };
  }
  return parseSettings({ name: SETTINGS_FILE, text: read.text });
}

function parseSettings(file: SourceText): SettingsReading {
  const { documents, problems: syntax } = parseDocuments(file);
  const problems: Problem[] = [...syntax];
  const [document] = documents;
  if (document === undefined || isNull(document)) return { settings: NO_SETTINGS, problems };
  const report = reporter(problems);
  const root = mappingOf(document, SETTINGS_FILE, ['builders', 'cloudbuild', 'codebuild'], report);
  return {
    settings: {
      builders: readBuilders(root?.entries.get('builders')?.value ?? null, report),
      cloudbuild: readCloudbuild(root?.entries.get('cloudbuild')?.value ?? null, report),
      codebuild: readCodebuild(root?.entries.get('codebuild')?.value ?? null, report),
    },
    problems,
  };
}

type Report = (span: Span, message: string, hint?: string | null) => void;

function reporter(problems: Problem[]): Report {
  return (span, message, hint = null) => {
    problems.push(problemAt(span, { code: 'invalid-settings', message, hint }));
  };
}

function readBuilders(node: Node | null, report: Report): readonly BuilderMapping[] {
  if (node === null || isNull(node)) return [];
  if (node.kind !== 'mapping') {
    report(node.span, 'builders should be a mapping of images to what takes their place');
    return [];
  }
  return [...node.entries].flatMap(([image, { key, value }]) => {
    const star = image.indexOf('*');
    if (image === '' || (star >= 0 && star < image.length - 1)) {
      report(
        key.span,
        `builders: ${JSON.stringify(image)} should be an image, or the start of some with one * at the end`,
      );
      return [];
    }
    const to = readTarget(value, `builders.${image}`, report);
    return to === null ? [] : [{ image, to }];
  });
}

function readTarget(node: Node, place: string, report: Report): BuilderMapping['to'] | null {
  const mapping = mappingOf(node, place, ['image', 'command'], report);
  if (mapping === null) return null;
  const [image, command] = ['image', 'command'].map((key) => textAt(mapping, key, place, report));
  if (typeof image === 'string' && typeof command === 'string') {
    report(mapping.span, `${place} should have either image or command`);
    return null;
  }
  if (typeof image === 'string') return { kind: 'image', name: image };
  if (typeof command === 'string') return { kind: 'command', program: command };
  if (!mapping.entries.has('image') && !mapping.entries.has('command'))
    report(
      node.span,
      `${place} should have image or command`,
      'For example `{image: google/cloud-sdk:slim}`.',
    );
  return null;
}

function readCloudbuild(node: Node | null, report: Report): CloudbuildSettings {
  const none = NO_SETTINGS.cloudbuild;
  if (node === null || isNull(node)) return none;
  const mapping = mappingOf(node, 'cloudbuild', ['project', 'project_number', 'location', 'push'], report);
  if (mapping === null) return none;
  const push = textAt(mapping, 'push', 'cloudbuild', report);
  const pushNode = mapping.entries.get('push')?.value;
  if (push !== null && push !== 'manual' && push !== 'automatic' && pushNode !== undefined)
    report(pushNode.span, 'cloudbuild.push should be manual or automatic');
  return {
    project: textAt(mapping, 'project', 'cloudbuild', report),
    projectNumber: textAt(mapping, 'project_number', 'cloudbuild', report),
    location: textAt(mapping, 'location', 'cloudbuild', report),
    push: push === 'automatic' ? 'automatic' : 'manual',
  };
}

function readCodebuild(node: Node | null, report: Report): CodebuildSettings {
  const none = NO_SETTINGS.codebuild;
  if (node === null || isNull(node)) return none;
  const batch = mappingOf(node, 'codebuild', ['batch'], report)?.entries.get('batch')?.value;
  if (batch === undefined || isNull(batch)) return none;
  if (batch.kind === 'scalar' && typeof batch.value === 'boolean') return { batch: batch.value };
  report(batch.span, 'codebuild.batch should be true or false');
  return none;
}

/** A number is taken for its text. */
function textAt(mapping: MappingNode, key: string, place: string, report: Report): string | null {
  const node = mapping.entries.get(key)?.value;
  if (node === undefined || isNull(node)) return null;
  if (node.kind === 'scalar' && typeof node.value !== 'boolean' && scalarText(node) !== '')
    return scalarText(node);
  report(node.span, `${place}.${key} should be a text`);
  return null;
}

function mappingOf(node: Node, place: string, keys: readonly string[], report: Report): MappingNode | null {
  if (node.kind !== 'mapping') {
    report(node.span, `${place} should be a mapping`, `Known keys are: ${keys.join(', ')}.`);
    return null;
  }
  for (const [key, entry] of node.entries) {
    if (keys.includes(key)) continue;
    const near = closestTo(key, keys);
    report(
      entry.key.span,
      `${place} has no key ${JSON.stringify(key.slice(0, 100))}`,
      near === null ? `Known keys are: ${keys.join(', ')}.` : `Did you mean \`${near}\`?`,
    );
  }
  return node;
}

function isNull(node: Node): boolean {
  return node.kind === 'scalar' && node.value === null;
}
