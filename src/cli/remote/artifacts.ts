import { createWriteStream } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { AppError } from '../../base/app-error.ts';
import type { ArtifactsOptions } from '../commands/job.ts';
import { EXIT } from '../exit-codes.ts';
import { type Io, print } from '../io.ts';
import { numberOf } from './number-of.ts';
import { openRemoteProject } from './open-remote.ts';
import { showJson } from './show-table.ts';

/** What `slipway job artifacts` does: a file that is there is replaced when the whole of the new one has come. */
export async function downloadArtifacts(io: Io, id: string, options: ArtifactsOptions): Promise<number> {
  const number = numberOf(id);
  const { client, schemas, at } = await openRemoteProject(io, options);
  const job = await client.get(`${at}/jobs/${number}`, schemas.RestJob);
  const inside =
    options.file === undefined ? '' : `/${options.file.split('/').map(encodeURIComponent).join('/')}`;
  const address = `${at}/jobs/${number}/artifacts${inside}`;
  const answer = await client.stream(address, 0, new AbortController().signal);
  const bytes = answer?.bytes ?? [];
  if (options.output === '-') {
    await pipeline(Readable.from(bytes), process.stdout, { end: false });
    return EXIT.success;
  }
  const name = options.file === undefined ? job.artifacts_file?.filename : options.file;
  const path = resolve(io.folder, options.output ?? safeName(name));
  await save(bytes, path);
  if (options.json === true) await showJson(io, { file: path });
  else await print(io.stdout, `${path}\n`);
  return EXIT.success;
}

async function save(bytes: AsyncIterable<Uint8Array> | Iterable<Uint8Array>, path: string): Promise<void> {
  const temporary = `${path}.${process.pid}.part`;
  try {
    await pipeline(Readable.from(bytes), createWriteStream(temporary, { flags: 'wx' }));
    await rename(temporary, path);
  } catch (cause) {
    await rm(temporary, { force: true });
    throw new AppError('file-not-written', `The artifacts could not be written to ${path}.`, { cause });
  }
}

/** A job chose it, so it is a name in this folder and nothing else. */
function safeName(name: string | undefined): string {
  const plain = basename(name ?? '')
    .replace(/[^A-Za-z0-9._-]/g, '_')
    .replace(/^\.+/, '');
  return plain === '' ? 'artifacts.zip' : plain;
}
