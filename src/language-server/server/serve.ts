import {
  createConnection,
  DidChangeWatchedFilesNotification,
  type InitializeParams,
  type InitializeResult,
  TextDocumentSyncKind,
  TextDocuments,
} from 'vscode-languageserver/node';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { AppError } from '../../base/app-error.ts';
import { printable } from '../../base/printable.ts';
import { openWorkspace } from '../project/workspace.ts';
import { answerCompletion } from './answer-completion.ts';
import { answerQuestions } from './answer-questions.ts';
import { createPublisher } from './publisher.ts';

export interface ServeOptions {
  readonly input: NodeJS.ReadableStream;
  readonly output: NodeJS.WritableStream;
  /** The pipeline file from the top of the repository. */
  readonly mainFile: string;
  readonly version: string;
  readonly now: () => Date;
  readonly environment: NodeJS.ProcessEnv;
}

/**
 * Speaks the Language Server Protocol until the client says `exit`, closes the stream or is gone; the process ends with
 * it: with 0 after a `shutdown`, else with 1.
 */
export function serve({ input, output, mainFile, version, now, environment }: ServeOptions): void {
  const connection = createConnection(input, output);
  const documents = new TextDocuments(TextDocument);
  const warn = (message: string) => connection.console.warn(printable(message));
  const workspace = openWorkspace({ mainFile, now, environment, warn });
  let watchesFiles = false;

  const told = new Set<string>();

  /** A person hears what the world did wrong, once; what we did wrong goes to the client's log. */
  function report(error: unknown): void {
    if (error instanceof AppError) {
      if (told.has(error.message)) return;
      told.add(error.message);
      connection.window.showWarningMessage(printable(`Slipway: ${error.message}`));
      return;
    }
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    connection.console.error(printable(text));
  }

  const publisher = createPublisher({ connection, documents, workspace, report });

  connection.onInitialize((params: InitializeParams): InitializeResult => {
    watchesFiles = params.capabilities.workspace?.didChangeWatchedFiles?.dynamicRegistration === true;
    return { capabilities: CAPABILITIES, serverInfo: { name: 'slipway', version } };
  });
  connection.onInitialized(() => {
    if (!watchesFiles) return;
    const watchers = [
      { globPattern: '**/*.{yml,yaml}' },
      { globPattern: '**/*cloudbuild*.json' },
      { globPattern: '**/.git/HEAD' },
    ];
    connection.client.register(DidChangeWatchedFilesNotification.type, { watchers }).catch(report);
  });
  connection.onDidChangeWatchedFiles(() => publisher.refresh());
  connection.onShutdown(() => publisher.stop());

  documents.onDidChangeContent(({ document }) => publisher.changed(document.uri));
  documents.onDidClose(({ document }) => publisher.closed(document.uri));
  documents.onDidSave(() => publisher.refresh());

  answerQuestions({ connection, documents, workspace });
  answerCompletion({ connection, documents, workspace });
  documents.listen(connection);
  connection.listen();
}

const CAPABILITIES: InitializeResult['capabilities'] = {
  textDocumentSync: { openClose: true, change: TextDocumentSyncKind.Incremental, save: true },
  completionProvider: { triggerCharacters: ['$', '{', ' ', '-', '[', '"', "'", '/', '.'] },
  hoverProvider: true,
  definitionProvider: true,
  referencesProvider: true,
  documentHighlightProvider: true,
  renameProvider: { prepareProvider: true },
  documentSymbolProvider: true,
  documentLinkProvider: {},
  codeActionProvider: { codeActionKinds: ['quickfix'] },
};
