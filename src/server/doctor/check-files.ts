import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { keptFiles } from '../backup/kept-files.ts';
import { type Finding, ok, problem } from './finding.ts';

/** Who may read the data folder and the secrets in it. */
export async function checkFiles(dataFolder: string): Promise<readonly Finding[]> {
  const folder = await stat(dataFolder).catch(() => null);
  if (folder === null) {
    return [
      problem(
        'files',
        `There is no data folder ${dataFolder}.`,
        'Give --data as the server is started with, or start it once.',
      ),
    ];
  }
  const findings: Finding[] = [];
  const own = process.getuid?.() ?? folder.uid;
  if (own !== 0 && folder.uid !== own) {
    findings.push(
      problem(
        'files',
        `The data folder ${dataFolder} belongs to another user.`,
        'Call doctor as the user that the server runs as, or give it the folder (chown).',
      ),
    );
  }
  if (isOpen(folder.mode)) {
    findings.push(
      problem('files', `Others may look into the data folder ${dataFolder}.`, `chmod 700 ${dataFolder}`),
    );
  }
  for await (const { name } of keptFiles(dataFolder)) {
    const path = join(dataFolder, name);
    const { mode } = await stat(path);
    if (isSecret(name) && isOpen(mode)) {
      findings.push(
        problem(
          'files',
          `Others may read ${path}, which lets them in.`,
          `chmod 600 ${path}, and make a new one: it may have been read.`,
        ),
      );
    }
  }
  return findings.length > 0
    ? findings
    : [ok('files', `${dataFolder} and the secrets in it are for the server's user alone.`)];
}

/** Tokens, and the halves of host keys that nobody else may have. */
function isSecret(name: string): boolean {
  return name.endsWith('.token') || (name.includes('/') && !name.endsWith('.pub'));
}

function isOpen(mode: number): boolean {
  return (mode & 0o077) !== 0;
}
