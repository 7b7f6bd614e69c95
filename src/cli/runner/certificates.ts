import { readFile } from 'node:fs/promises';
import { AppError } from '../../base/app-error.ts';

/** What is in a file of certificates; null for no file. @throws AppError `bad-option` */
export async function readCertificates(file: string | null): Promise<string | null> {
  if (file === null) return null;
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new AppError('bad-option', `The certificates cannot be read: ${reason}.`, { cause });
  }
}
