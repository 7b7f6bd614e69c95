import { connect, createServer, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';

/** A network between a runner and its server, which can be cut: then nothing arrives, and nobody is told. */
export interface Network {
  /** The server as the runner reaches it. */
  readonly url: string;
  cut(): void;
  /** The next answer with this status is lost on its way, and its connection with it. */
  loseAnswer(status: number): void;
  /** `quietly`: what was connected stays so, and is dead. */
  mend(how?: 'quietly'): void;
}

export async function startNetwork(serverUrl: string): Promise<Network> {
  const { hostname, port } = new URL(serverUrl);
  const sockets = new Set<Socket>();
  const dead = new WeakSet<Socket>();
  let isCut = false;
  let lost: string | null = null;

  function join(from: Socket, to: Socket): void {
    sockets.add(from);
    from.on('data', (bytes) => {
      if (lost !== null && bytes.toString('latin1', 0, lost.length) === lost) {
        lost = null;
        from.destroy();
        to.destroy();
      } else if (!isCut && !dead.has(from)) to.write(bytes);
    });
    from.on('error', () => undefined);
    from.on('close', () => {
      sockets.delete(from);
      if (!isCut) to.destroy();
    });
  }

  const proxy = createServer((client) => {
    const server = connect({ host: hostname, port: Number(port) });
    join(client, server);
    join(server, client);
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  const destroyAll = () => {
    for (const socket of sockets) socket.destroy();
  };
  onTestFinished(async () => {
    destroyAll();
    await new Promise((resolve) => proxy.close(resolve));
  });
  const bound = proxy.address();
  const own = typeof bound === 'object' && bound !== null ? bound.port : 0;
  return {
    url: `http://127.0.0.1:${own}`,
    cut() {
      isCut = true;
    },
    loseAnswer(status) {
      lost = `HTTP/1.1 ${status}`;
    },
    mend(how) {
      isCut = false;
      if (how === 'quietly') {
        for (const socket of sockets) dead.add(socket);
        return;
      }
      // What was on its way is lost; connections that heard nothing are found dead.
      destroyAll();
    },
  };
}
