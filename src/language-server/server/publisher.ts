import type { Connection, Diagnostic as ProtocolDiagnostic, TextDocuments } from 'vscode-languageserver/node';
import type { TextDocument } from 'vscode-languageserver-textdocument';
import { type Diagnostic, diagnosticsOf } from '../features/diagnostics.ts';
import type { Project } from '../project/project.ts';
import { type ProjectWatch, watchProject } from '../project/watch-projects.ts';
import type { Located, Workspace } from '../project/workspace.ts';

/** Keeps the client told of what is wrong in which file. */
export interface Publisher {
  changed(uri: string): void;
  closed(uri: string): void;
  /** Files on disk, or the repository, may have changed. */
  refresh(): void;
  stop(): void;
}

export interface PublisherOptions {
  readonly connection: Connection;
  readonly documents: TextDocuments<TextDocument>;
  readonly workspace: Workspace;
  readonly report: (error: unknown) => void;
}

const PAUSE_MS = 150;

export function createPublisher({ connection, documents, workspace, report }: PublisherOptions): Publisher {
  const watches = new Map<Project, ProjectWatch>();
  /** What the client was told last, by URI. */
  const told = new Map<Project, Map<string, string>>();
  /** The client's own URIs of open files: it does not know a file by another. */
  const openUris = new Map<string, string>();

  function watchOf(project: Project): ProjectWatch {
    const known = watches.get(project);
    if (known !== undefined) return known;
    const watch = watchProject(project, {
      pauseMs: PAUSE_MS,
      onRead: () => publish(project),
      onFailure: report,
    });
    watches.set(project, watch);
    return watch;
  }

  function publish(project: Project): void {
    const before = told.get(project) ?? new Map<string, string>();
    const byUri = new Map<string, ProtocolDiagnostic[]>();
    for (const diagnostic of diagnosticsOf(project.readings.values())) {
      const uri = workspace.uriOf(project, diagnostic.path);
      const known = byUri.get(uri) ?? [];
      known.push(toProtocol(diagnostic));
      byUri.set(uri, known);
    }
    const now = new Map<string, string>();
    // An open file is told to be free of mistakes, too.
    const open = [...project.files.buffers.keys()].map((path) => workspace.uriOf(project, path));
    for (const uri of new Set([...before.keys(), ...byUri.keys(), ...open])) {
      const diagnostics = (byUri.get(uri) ?? []).slice(0, MAX_DIAGNOSTICS);
      const text = JSON.stringify(diagnostics);
      if (diagnostics.length > 0 || open.includes(uri)) now.set(uri, text);
      if (before.get(uri) === text) continue;
      connection.sendDiagnostics({ uri: openUris.get(uri) ?? uri, diagnostics }).catch(report);
    }
    told.set(project, now);
  }

  async function take({ project, path }: Located, uri: string): Promise<void> {
    const document = documents.get(uri);
    openUris.set(workspace.uriOf(project, path), uri);
    if (document === undefined) project.files.buffers.delete(path);
    else project.files.buffers.set(path, document.getText());
    project.changed();
    watchOf(project).changed([path]);
  }

  function sync(uri: string): void {
    workspace
      .locate(uri)
      .then((located) => (located === null ? undefined : take(located, uri)))
      .catch(report);
  }

  return {
    changed: sync,
    closed: sync,
    refresh() {
      workspace.refresh();
      for (const watch of watches.values()) watch.changed(null);
    },
    stop() {
      for (const watch of watches.values()) watch.stop();
    },
  };
}

/** More of them help nobody, and a client may choke on them. */
const MAX_DIAGNOSTICS = 1000;

const SEVERITIES = { error: 1, warning: 2, information: 3 } as const;

function toProtocol({ place, severity, code, message }: Diagnostic): ProtocolDiagnostic {
  return {
    range: {
      start: { line: place.line - 1, character: place.column - 1 },
      end: { line: place.endLine - 1, character: place.endColumn - 1 },
    },
    severity: SEVERITIES[severity],
    code,
    source: 'slipway',
    message,
  };
}
