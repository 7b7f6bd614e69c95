import { createServer, request, type Server } from 'node:http';
import { connect } from 'node:net';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { onTestFinished } from 'vitest';
import { command } from '../world/command.ts';

const ENGINE = '/var/run/docker.sock';

/**
 * The socket of an engine that starts privileged containers: the machine's own where that can. One that does not have
 * the capability SYS_RESOURCE itself cannot; then it is a socket in the folder, which passes everything on, and asks for
 * all other capabilities in the place of a privileged container.
 */
export async function privilegedEngine(folder: string, image: string): Promise<string> {
  const tried = await command('docker', ['run', '--rm', '--privileged', image, 'true']);
  if (tried.exitCode === 0) return ENGINE;
  const socket = join(folder, 'engine.sock');
  const front = createFront();
  await new Promise<void>((resolve) => front.listen(socket, resolve));
  onTestFinished(() => {
    front.closeAllConnections();
    front.close();
  });
  return socket;
}

function createFront(): Server {
  const front = createServer((asked, answer) => {
    void buffer(asked).then((body) => {
      const sent = asked.url?.includes('/containers/create') === true ? withoutPrivilege(body) : body;
      const headers = { ...asked.headers, 'content-length': String(sent.length) };
      const onward = request({ socketPath: ENGINE, method: asked.method, path: asked.url, headers });
      onward.on('response', (got) => {
        answer.writeHead(got.statusCode ?? 502, got.headers).flushHeaders();
        got.pipe(answer);
      });
      onward.on('error', (error) => answer.destroy(error));
      answer.on('close', () => onward.destroy());
      onward.end(sent);
    });
  });
  // A container's input and output.
  front.on('upgrade', (asked, near, head) => {
    const far = connect({ path: ENGINE, allowHalfOpen: true });
    const lines = [`${asked.method} ${asked.url} HTTP/1.1`];
    for (let at = 0; at < asked.rawHeaders.length; at += 2)
      lines.push(`${asked.rawHeaders[at]}: ${asked.rawHeaders[at + 1]}`);
    far.write(`${lines.join('\r\n')}\r\n\r\n`);
    far.write(head);
    far.pipe(near);
    near.pipe(far);
    far.on('error', () => near.destroy());
    near.on('error', () => far.destroy());
  });
  return front;
}

function withoutPrivilege(body: Buffer): Buffer {
  const create: { HostConfig?: { Privileged?: boolean; Binds?: readonly string[] | null } } = JSON.parse(
    body.toString(),
  );
  if (create.HostConfig?.Privileged !== true) return body;
  const HostConfig = {
    ...create.HostConfig,
    Privileged: false,
    CapAdd: ['ALL'],
    CapDrop: ['SYS_RESOURCE'],
    SecurityOpt: ['seccomp=unconfined', 'apparmor=unconfined', 'label=disable'],
    MaskedPaths: [],
    ReadonlyPaths: [],
    DeviceCgroupRules: ['a *:* rwm'],
    Binds: [...(create.HostConfig.Binds ?? []), '/sys/fs/cgroup:/sys/fs/cgroup'],
  };
  return Buffer.from(JSON.stringify({ ...create, HostConfig }));
}
