import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

/** Speaks the protocol with a real `slipway lsp`, message by message. */
export interface LanguageClient {
  readonly process: ChildProcessWithoutNullStreams;
  /** The answer's result; rejects with the error's message. */
  request(method: string, params: unknown): Promise<unknown>;
  notify(method: string, params: unknown): void;
  /** Bytes as they are, to be rude. */
  sendRaw(text: string): void;
  /** The next notification of a method that fits, also one that came before it was asked for; each is given once. */
  notified<T>(method: string, fits: (params: T) => boolean): Promise<T>;
  /** `shutdown` and `exit`; answers with the exit code. */
  end(): Promise<number | null>;
}

const MAIN = join(import.meta.dirname, '../../cli/main.ts');

export function startClient(args: readonly string[] = []): LanguageClient {
  const child = spawn(process.execPath, [MAIN, 'lsp', ...args]);
  const pending = new Map<number, { resolve(result: unknown): void; reject(error: Error): void }>();
  const received: Notification[] = [];
  const waiting = new Set<() => void>();
  let nextId = 1;

  child.stderr.setEncoding('utf8').on('data', (text: string) => process.stderr.write(text));
  readMessages(child, (message) => {
    if (message.method !== undefined) {
      received.push({ method: message.method, params: message.params });
      for (const look of [...waiting]) look();
      // Questions of the server, such as to register for file events, are all granted.
      if (message.id !== undefined) send({ id: message.id, result: null });
      return;
    }
    const asked = typeof message.id === 'number' ? pending.get(message.id) : undefined;
    if (message.error !== undefined) asked?.reject(new Error(message.error.message));
    else asked?.resolve(message.result);
  });

  function send(message: object): void {
    const text = JSON.stringify({ jsonrpc: '2.0', ...message });
    child.stdin.write(`Content-Length: ${Buffer.byteLength(text)}\r\n\r\n${text}`);
  }

  function request(method: string, params: unknown): Promise<unknown> {
    const id = nextId++;
    return new Promise((resolve, reject) => {
      pending.set(id, { resolve, reject });
      send({ id, method, params });
    });
  }

  return {
    process: child,
    request,
    notify: (method, params) => send({ method, params }),
    sendRaw: (text) => child.stdin.write(text),
    notified: <T>(method: string, fits: (params: T) => boolean) =>
      new Promise<T>((resolve) => {
        const look = () => {
          const at = received.findIndex((one) => one.method === method && fits(one.params as T));
          const [found] = at === -1 ? [] : received.splice(at, 1);
          if (found === undefined) return;
          waiting.delete(look);
          resolve(found.params as T);
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

interface Notification {
  readonly method: string;
  readonly params: unknown;
}

interface Message {
  readonly id?: number | string;
  readonly method?: string;
  readonly params?: unknown;
  readonly result?: unknown;
  readonly error?: { readonly message: string };
}

function readMessages(child: ChildProcessWithoutNullStreams, onMessage: (message: Message) => void): void {
  let buffer = Buffer.alloc(0);
  child.stdout.on('data', (chunk: Buffer) => {
    buffer = Buffer.concat([buffer, chunk]);
    for (;;) {
      const head = buffer.indexOf('\r\n\r\n');
      const length = /Content-Length: (\d+)/i.exec(buffer.subarray(0, Math.max(head, 0)).toString())?.[1];
      if (head === -1 || length === undefined) return;
      const end = head + 4 + Number(length);
      if (buffer.length < end) return;
      const message: Message = JSON.parse(buffer.subarray(head + 4, end).toString('utf8'));
      buffer = buffer.subarray(end);
      onMessage(message);
    }
  });
}
