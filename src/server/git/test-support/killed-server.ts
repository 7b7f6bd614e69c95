import { appendFile, open, readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { systemClock } from '../../../base/clock.ts';
import {
  createGitHttp,
  createMaintenance,
  openRepositories,
  type RefUpdate,
  readRefTips,
  updatesBetween,
} from '../index.ts';

/**
 * A server to be killed: `node killed-server.ts FOLDER`. What it knows of pushes is the file `record`, a line for each
 * update, synced before the client is answered; at its start it adds what was pushed and never recorded. It prints its port.
 */
const folder = process.argv[2] ?? '';
const record = join(folder, 'record');
const repositories = await openRepositories(join(folder, 'repositories'));
await repositories.create(1, 'main');

async function write(updates: readonly RefUpdate[], how: 'pushed' | 'missed'): Promise<void> {
  const file = await open(record, 'a');
  await file.appendFile(updates.map(({ ref, after }) => `${how} ${ref} ${after}\n`).join(''));
  await file.sync();
  await file.close();
}

await appendFile(record, '');
const known = new Map<string, string>();
for (const line of (await readFile(record, 'utf8')).split('\n')) {
  const [, ref = '', hash = ''] = line.split(' ');
  // The last line may be cut; it was not acknowledged.
  if (/^[0-9a-f]{40}$/.test(hash)) known.set(ref, hash);
}
const missed = updatesBetween(known, await readRefTips(repositories.folderOf(1)));
// What was cut ends here.
if (missed.length > 0) await appendFile(record, '\n');
await write(missed, 'missed');

const maintenance = createMaintenance({
  ...{ repositories, clock: systemClock },
  failed: (error) => process.stderr.write(`${error}\n`),
  removed: () => undefined,
  limits: { quietMs: 0, leftovers: { lockMs: 500, objectsMs: 500 } },
});
setInterval(() => void maintenance.look(), 100);

const git = createGitHttp({
  repositories,
  surroundings: {
    access: {
      identify: async ({ user }) => ({ id: user, name: user }),
      identifyKey: async () => null,
      open: async (path) => ({
        ...{ project: { id: 1, path }, defaultBranch: 'main', mayPush: true },
        ruleFor: () => ({ kind: 'allowed' }),
      }),
    },
    receiver: {
      async pushed({ updates }) {
        await write(updates, 'pushed');
        return [];
      },
    },
    failed: (error) => process.stderr.write(`${error}\n`),
  },
});
const http = createServer({ requestTimeout: 0 }, (request, response) => void git(request, response));
http.listen(0, '127.0.0.1', () => {
  const address = http.address();
  process.stdout.write(`${typeof address === 'object' ? address?.port : ''}\n`);
});
