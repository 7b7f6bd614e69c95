import type { ServeOptions } from './server/serve.ts';

/** As in server/serve.ts, which is loaded only now: other commands do not pay for the protocol. */
export async function serve(options: ServeOptions): Promise<void> {
  const server = await import('./server/serve.ts');
  server.serve(options);
}
