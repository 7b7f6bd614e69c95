import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError } from '../base/app-error.ts';

/** What a person has said about the server that is meant. */
export interface ServerWishes {
  /** `--server` */
  readonly server: string | undefined;
  /** `--token-file`, absolute */
  readonly tokenFile: string | undefined;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Where a server on this machine keeps its things. */
  readonly dataFolder: string;
}

export interface ServerPlace {
  /** Without a slash at its end. */
  readonly address: string;
  readonly token: string;
}

/**
 * Where the server is and the token for it: as it was said, else of the environment, else of a server on this machine,
 * whose token goes to that server alone.
 *
 * @throws AppError `no-server`, `no-token`, `bad-server-address`, `token-not-read`, `bad-token`.
 */
export async function findServer(wishes: ServerWishes): Promise<ServerPlace> {
  const { environment, dataFolder } = wishes;
  const said = wishes.server ?? nonEmpty(environment.SLIPWAY_SERVER);
  const own = (await readText(join(dataFolder, ADDRESS_FILE)))?.trim() ?? '';
  const address = said === undefined ? own : said.replace(/\/+$/, '');
  if (address === '') {
    throw new AppError('no-server', `No server is named, and none has been started with ${dataFolder}.`, {
      hint: 'Name it with --server or SLIPWAY_SERVER, or start one with `slipway up`.',
    });
  }
  if (!/^https?:\/\/[^/?#]+/.test(address) || !URL.canParse(address)) {
    throw new AppError('bad-server-address', `${address} is no address of a server.`, {
      hint: 'It begins with http:// or https://.',
    });
  }
  const token = (await saidToken(wishes)) ?? (address === own ? await ownToken(dataFolder) : null);
  if (token === null || token === '') {
    throw new AppError('no-token', `There is no token for ${address}.`, {
      hint: 'Give one with --token-file or SLIPWAY_TOKEN; `slipway token create` makes one.',
    });
  }
  // It goes into a header; what cannot is not shown either.
  if (!/^[\x21-\x7e]+$/.test(token)) {
    throw new AppError('bad-token', `What is given as the token for ${address} cannot be one.`, {
      hint: 'A token is one line of letters, digits and signs. Is there something else in the file or variable?',
    });
  }
  return { address, token };
}

/** Written by a server that has started. */
const ADDRESS_FILE = 'server.address';
const TOKEN_FILE = 'admin.token';

async function saidToken({ tokenFile, environment }: ServerWishes): Promise<string | null> {
  if (tokenFile === undefined) return nonEmpty(environment.SLIPWAY_TOKEN) ?? null;
  const text = await readText(tokenFile);
  if (text === null) throw new AppError('token-not-read', `The token file ${tokenFile} cannot be read.`);
  return text.trim();
}

async function ownToken(dataFolder: string): Promise<string | null> {
  return (await readText(join(dataFolder, TOKEN_FILE)))?.trim() ?? null;
}

function nonEmpty(text: string | undefined): string | undefined {
  return text === '' ? undefined : text;
}

/** null: not there, or not for us. */
function readText(path: string): Promise<string | null> {
  return readFile(path, 'utf8').catch(() => null);
}
