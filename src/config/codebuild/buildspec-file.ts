import { hasErrors, type Problem } from '../../base/problem.ts';
import {
  type MappingNode,
  type Node,
  parseDocuments,
  problemAt,
  type SourceText,
  type Span,
} from '../document/index.ts';
import type { SourceTree } from '../sources.ts';

export interface BuildspecFile {
  /** null: the problems say why. */
  readonly root: MappingNode | null;
  readonly problems: readonly Problem[];
}

/**
 * A buildspec of the repository as a tree. `named`: where its name was written, and so the place of the problem when
 * there is no such file; null when nobody wrote it.
 */
export async function readBuildspecFile(
  sources: Pick<SourceTree, 'readFile'>,
  path: string,
  named: Span | null,
): Promise<BuildspecFile> {
  const read = await sources.readFile(path);
  if (read.kind !== 'text') return { root: null, problems: [unread(path, read.kind, named)] };
  const file: SourceText = { name: path, text: read.text };
  const { documents, problems: syntax } = parseDocuments(file, { afterBackslash: true });
  const [root, second] = documents;
  const problems: Problem[] = [...syntax];
  if (second !== undefined) {
    problems.push(
      problemAt(second.span, { code: 'buildspec-wrong-value', message: 'A buildspec is one document' }),
    );
  }
  if (root?.kind === 'mapping') return { root, problems };
  if (!hasErrors(problems)) problems.push(noMapping(root ?? null, file));
  return { root: null, problems };
}

function noMapping(root: Node | null, file: SourceText): Problem {
  return problemAt(root?.span ?? { file, start: 0, end: 0 }, {
    code: 'buildspec-wrong-value',
    message: 'A buildspec should be a mapping with a version and phases',
  });
}

type Unread = Exclude<Awaited<ReturnType<SourceTree['readFile']>>['kind'], 'text'>;

const REASONS: Readonly<Record<Unread, string>> = {
  absent: 'there is none',
  'too-large': 'it is too large',
  'not-utf8': 'it is no text in UTF-8',
  unavailable: 'it cannot be reached',
};

function unread(path: string, kind: Unread, named: Span | null): Problem {
  const message = `The buildspec ${path} cannot be read: ${REASONS[kind]}`;
  const span = named ?? { file: { name: path, text: '' }, start: 0, end: 0 };
  return problemAt(span, { code: 'buildspec-not-read', message });
}
