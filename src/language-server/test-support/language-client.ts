import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { InitializeResult, PublishDiagnosticsParams } from 'vscode-languageserver/node';

/** Speaks the protocol with a real `slipway lsp`, message by message. */
export interface LanguageClient {
  readonly process: ChildProcessWithoutNullStreams;
  readonly initialized: InitializeResult;
  /** The answer's result; rejects with the error's message. */
  request<T>(method: string, params: unknown): Promise<T>;
  notify(method: string, params: unknown): void;
  /** Bytes as they are, to be rude. */
  sendRaw(text: string): void;
  /** The next diagnostics of a file that fit, also ones that came before they were asked for; each are given once. */
  diagnosed(
    uri: string,
    fits?: (told: PublishDiagnosticsParams['diagnostics']) => boolean,
  ): Promise<PublishDiagnosticsParams['diagnostics']>;
  /** `shutdown` and `exit`; answers with the exit code. */
  end(): Promise<number | null>;
}

const MAIN = join(import.meta.dirname, '../../cli/main.ts');

export async function startClient(args: readonly string[] = []): Promise<LanguageClient> {
  const child = spawn(process.execPath, [MAIN, 'lsp', ...args]);
  const pending = new Map<number, (text: string) => void>();
  const told: PublishDiagnosticsParams[] = [];
  const waiting = new Set<() => void>();
  let nextId = 1;

  child.stderr.setEncoding('utf8').on('data', (text: string) => process.stderr.write(text));
  readMessages(child, (text) => {
    const { id, method }: Head = JSON.parse(text);
    if (method === undefined) {
      if (typeof id === 'number') pending.get(id)?.(text);
    } else if (method === 'textDocument/publishDiagnostics') {
      const { params }: { readonly params: PublishDiagnosticsParams } = JSON.parse(text);
      told.push(params);
      for (const look of [...waiting]) look();
    } else if (id !== undefined) send({ id, result: null });
  });

  function send(message: object): void {
    const text = JSON.stringify({ jsonrpc: '2.0', ...message });
    child.stdin.write(`Content-Length: ${Buffer.byteLength(text)}\r\n\r\n${text}`);
  }

  function request<T>(method: string, params: unknown): Promise<T> {
    const id = nextId++;
    return new Promise((resolve, reject) => {
      pending.set(id, (text) => {
        const answer: Answer<T> = JSON.parse(text);
        if (answer.error === undefined) resolve(answer.result);
        else reject(new Error(answer.error.message));
      });
      send({ id, method, params });
    });
  }

  const capabilities = { workspace: { didChangeWatchedFiles: { dynamicRegistration: true } } };
  const initialized = await request<InitializeResult>('initialize', {
    processId: process.pid,
    rootUri: null,
    capabilities,
  });
  send({ method: 'initialized', params: {} });

  return {
    process: child,
    initialized,
    request,
    notify: (method, params) => send({ method, params }),
    sendRaw: (text) => child.stdin.write(text),
    diagnosed: (uri, fits = () => true) =>
      new Promise((resolve) => {
        const look = () => {
          const at = told.findIndex((one) => one.uri === uri && fits(one.diagnostics));
          const [found] = at === -1 ? [] : told.splice(at, 1);
          if (found === undefined) return;
          waiting.delete(look);
          resolve(found.diagnostics);
        };
        waiting.add(look);
        look();
      }),
    async end() {
      const exited = once(child, 'exit');
      await request('shutdown', undefined);
      send({ method: 'exit' });
      const [code] = await exited;
      return typeof code === 'number' ? code : null;
    },
  };
}

interface Head {
  readonly id?: number | string;
  readonly method?: string;
}

interface Answer<T> {
  readonly result: T;
  readonly error?: { readonly message: string };
}

function readMessages(child: ChildProcessWithoutNullStreams, onMessage: (text: string) => void): void {
  let buffer = Buffer.alloc(0);
  child.stdout.on('data', (chunk: Buffer) => {
    buffer = Buffer.concat([buffer, chunk]);
    for (;;) {
      const head = buffer.indexOf('\r\n\r\n');
      const length = /Content-Length: (\d+)/i.exec(buffer.subarray(0, Math.max(head, 0)).toString())?.[1];
      if (head === -1 || length === undefined) return;
      const end = head + 4 + Number(length);
      if (buffer.length < end) return;
      const text = buffer.subarray(head + 4, end).toString('utf8');
      buffer = buffer.subarray(end);
      onMessage(text);
    }
  });
}
