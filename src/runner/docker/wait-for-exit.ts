import { promisify } from 'node:util';
import type { Container } from 'dockerode';

/**
 * Waits until the container has ended; the answer is its exit code. The client's own `wait` never settles when the
 * engine goes away while it answers (its headers come at once, the code at the end), so the answer is read here, as a
 * stream, which fails when it is cut off.
 */
export async function waitForExit(container: Container): Promise<number> {
  const dial = promisify<object, NodeJS.ReadableStream>(container.modem.dial.bind(container.modem));
  const answer = await dial({
    path: `/containers/${container.id}/wait?`,
    method: 'POST',
    isStream: true,
    statusCodes: { 200: true, 400: 'bad parameter', 404: 'no such container', 500: 'server error' },
    options: {},
  });
  let body = '';
  for await (const chunk of answer) body += chunk.toString();
  const parsed: unknown = JSON.parse(body);
  const code: unknown =
    typeof parsed === 'object' && parsed !== null ? Reflect.get(parsed, 'StatusCode') : null;
  if (typeof code !== 'number') throw new Error(`the engine gave no exit code: ${body}`);
  return code;
}
