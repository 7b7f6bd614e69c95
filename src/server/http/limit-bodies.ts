import type { FastifyInstance } from 'fastify';
import type { Clock } from '../../base/clock.ts';

/**
 * Lets go of clients that send a body byte for byte: one that is read whole, before anybody knows who sends it, has to
 * be here in time. Uploads in parts go to those who have shown a token; they are watched by whoever takes them.
 */
export function limitBodies(app: FastifyInstance, milliseconds: number, clock: Clock): void {
  app.addHook('onRequest', ({ raw }, _reply, done) => {
    const { headers } = raw;
    const hasBody = headers['content-length'] !== undefined || headers['transfer-encoding'] !== undefined;
    if (hasBody && !/^multipart\//i.test(headers['content-type'] ?? '')) {
      const cancel = clock.after(milliseconds, () => {
        if (!raw.complete) raw.socket.destroy();
      });
      raw.once('end', cancel);
      raw.once('close', cancel);
    }
    done();
  });
}
