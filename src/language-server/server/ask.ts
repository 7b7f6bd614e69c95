import {
  ErrorCodes,
  type Location,
  type Position,
  type Range,
  ResponseError,
  type TextDocuments,
} from 'vscode-languageserver/node';
import type { TextDocument } from 'vscode-languageserver-textdocument';
import type { TextRange } from '../../config/index.ts';
import type { FoundName } from '../names/find-names.ts';
import type { Project, Scope } from '../project/project.ts';
import type { Workspace } from '../project/workspace.ts';
import type { FileIndex } from '../syntax/file-index.ts';
import { offsetAt, positionAt } from '../syntax/line-starts.ts';

/** A question about a file, with all that is needed to answer it. */
export interface Question extends Scope {
  readonly project: Project;
  readonly workspace: Workspace;
}

/** A question about a place in a file. */
export interface PlacedQuestion extends Question {
  readonly offset: number;
}

export interface Asking {
  readonly documents: TextDocuments<TextDocument>;
  readonly workspace: Workspace;
}

/** The file a question is about, in the version that the editor has now; null when it is none of ours. */
export async function ask({ documents, workspace }: Asking, uri: string): Promise<Question | null> {
  const located = await workspace.locate(uri);
  if (located === null) return null;
  const { project, path } = located;
  const text = documents.get(uri)?.getText();
  if (text !== undefined && project.files.buffers.get(path) !== text) {
    project.files.buffers.set(path, text);
    project.changed();
  }
  const scope = await project.scope(path);
  return scope === null ? null : { ...scope, project, workspace };
}

export async function askAt(
  asking: Asking,
  params: { readonly textDocument: { readonly uri: string }; readonly position: Position },
): Promise<PlacedQuestion | null> {
  const question = await ask(asking, params.textDocument.uri);
  return question === null ? null : { ...question, offset: offsetAt(question.file, params.position) };
}

export function rangeOf(file: FileIndex, { start, end }: TextRange): Range {
  return { start: positionAt(file, start), end: positionAt(file, end) };
}

/** null for a place in a file that is not on this machine. */
export function locationOf({ project, workspace, isOurs }: Question, name: FoundName): Location | null {
  if (!isOurs(name.file.path)) return null;
  return { uri: workspace.uriOf(project, name.file.path), range: rangeOf(name.file, name.range) };
}

export function refusal(reason: string): ResponseError<void> {
  return new ResponseError(ErrorCodes.InvalidRequest, reason);
}
