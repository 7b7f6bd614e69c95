import {
  type CodeAction,
  type Connection,
  DocumentHighlightKind,
  type Location,
  type TextEdit as ProtocolEdit,
  type DocumentSymbol as ProtocolSymbol,
  SymbolKind,
} from 'vscode-languageserver/node';
import { type Destination, definition } from '../features/definition.ts';
import { diagnosticsOf } from '../features/diagnostics.ts';
import { fileLinks } from '../features/links.ts';
import { references } from '../features/references.ts';
import { prepareRename, rename } from '../features/rename.ts';
import { suggestionFor } from '../features/suggestions.ts';
import { type DocumentSymbol, documentSymbols } from '../features/symbols.ts';
import type { FileIndex } from '../syntax/file-index.ts';
import { offsetAt } from '../syntax/line-starts.ts';
import { type Asking, ask, askAt, locationOf, type Question, rangeOf, refusal } from './ask.ts';

/** Connects the questions of the protocol with the features that answer them. */
export function answerQuestions({
  connection,
  ...asking
}: Asking & { readonly connection: Connection }): void {
  connection.onDefinition(async (params) => {
    const question = await askAt(asking, params);
    if (question === null) return null;
    const { files, file, offset } = question;
    const found = await Promise.all(
      definition(files, file, offset).map((destination) => locationsOf(question, destination)),
    );
    return found.flat();
  });

  connection.onReferences(async (params) => {
    const question = await askAt(asking, params);
    if (question === null) return null;
    const { files, file, offset } = question;
    const found = references(files, file, offset, params.context.includeDeclaration);
    return found.flatMap((name) => locationOf(question, name) ?? []);
  });

  connection.onDocumentHighlight(async (params) => {
    const question = await askAt(asking, params);
    if (question === null) return null;
    const { files, file, offset } = question;
    return references(files, file, offset, true)
      .filter((name) => name.file === file)
      .map(({ range, occurrence }) => ({
        range: rangeOf(file, range),
        kind: occurrence.role === 'definition' ? DocumentHighlightKind.Write : DocumentHighlightKind.Read,
      }));
  });

  connection.onPrepareRename(async (params) => {
    const question = await askAt(asking, params);
    if (question === null) return null;
    const { files, file, offset, isOurs } = question;
    const prepared = prepareRename(files, file, offset, isOurs);
    if (!prepared.ok) return refusal(prepared.reason);
    return { range: rangeOf(file, prepared.value.range), placeholder: prepared.value.name };
  });

  connection.onRenameRequest(async (params) => {
    const question = await askAt(asking, params);
    if (question === null) return null;
    const { files, file, offset, isOurs, project, workspace } = question;
    const renamed = rename(files, file, offset, params.newName, isOurs);
    if (!renamed.ok) return refusal(renamed.reason);
    const changes: Record<string, ProtocolEdit[]> = {};
    for (const edit of renamed.value) {
      const uri = workspace.uriOf(project, edit.file.path);
      const edits = changes[uri] ?? [];
      edits.push({ range: rangeOf(edit.file, edit.range), newText: edit.text });
      changes[uri] = edits;
    }
    return { changes };
  });

  connection.onDocumentSymbol(async ({ textDocument }) => {
    const question = await ask(asking, textDocument.uri);
    if (question === null) return null;
    const { files, file } = question;
    return documentSymbols(files, file).map((symbol) => symbolOf(file, symbol));
  });

  connection.onDocumentLinks(async ({ textDocument }) => {
    const question = await ask(asking, textDocument.uri);
    if (question === null) return null;
    const { file, project, workspace } = question;
    const links = fileLinks(file).map(async ({ range, path }) => {
      if ((await project.files.index(path)) === null) return [];
      return [{ range: rangeOf(file, range), target: workspace.uriOf(project, path) }];
    });
    return (await Promise.all(links)).flat();
  });

  connection.onCodeAction(async ({ textDocument, range, context }): Promise<CodeAction[] | null> => {
    const question = await ask(asking, textDocument.uri);
    if (question === null) return null;
    const { file, project } = question;
    const [first, last] = [range.start.line + 1, range.end.line + 1];
    const here = diagnosticsOf(project.readings.values()).filter(
      ({ path, place }) => path === file.path && place.line <= last && place.endLine >= first,
    );
    return here.flatMap(({ place, problem, message, code }) => {
      const start = offsetAt(file, { line: place.line - 1, character: place.column - 1 });
      const end = offsetAt(file, { line: place.endLine - 1, character: place.endColumn - 1 });
      const suggestion = suggestionFor(file, { start, end }, problem);
      if (suggestion === null) return [];
      const edit = { range: rangeOf(file, suggestion.range), newText: suggestion.text };
      return {
        title: suggestion.title,
        kind: 'quickfix',
        isPreferred: true,
        diagnostics: context.diagnostics.filter((told) => told.code === code && told.message === message),
        edit: { changes: { [textDocument.uri]: [edit] } },
      };
    });
  });
}

/** A file as a whole is shown from its top; of a wildcard, all files that it matches. */
async function locationsOf(question: Question, destination: Destination): Promise<readonly Location[]> {
  if (destination.kind === 'name') {
    const location = locationOf(question, destination.name);
    return location === null ? [] : [location];
  }
  const { project, workspace } = question;
  const top = { start: { line: 0, character: 0 }, end: { line: 0, character: 0 } };
  const paths = await project.files.matching(destination.path);
  const found = paths.slice(0, MAX_FILES).map(async (path) => {
    const exists = (await project.files.index(path)) !== null;
    return exists ? [{ uri: workspace.uriOf(project, path), range: top }] : [];
  });
  return (await Promise.all(found)).flat();
}

const MAX_FILES = 100;

const SYMBOL_KINDS = {
  stage: SymbolKind.Namespace,
  job: SymbolKind.Function,
  template: SymbolKind.Class,
  setting: SymbolKind.Property,
  variable: SymbolKind.Variable,
} as const;

function symbolOf(file: FileIndex, symbol: DocumentSymbol): ProtocolSymbol {
  return {
    name: symbol.name,
    detail: symbol.detail,
    kind: SYMBOL_KINDS[symbol.kind],
    range: rangeOf(file, symbol.range),
    selectionRange: rangeOf(file, symbol.nameRange),
    children: symbol.children.map((child) => symbolOf(file, child)),
  };
}
