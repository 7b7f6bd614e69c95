import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { processIo } from '../io.ts';
import { callProgram } from '../test-support/call-program.ts';
import { parseRunnerConfig } from './parse-runner-config.ts';
import { newRunnerConfig, readRunnerConfig, runnerConfigPath, writeRunnerConfig } from './runner-config.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'slipway-config-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const RUNNER = {
  name: 'one',
  url: 'https://ci.example.com',
  token: 'glrt-secret',
  executor: 'auto',
  image: null,
  sandbox: true,
  privileged: 'auto',
  engineSocket: false,
  concurrency: null,
  tlsCaFile: null,
  logLimitMegabytes: 64,
} as const;
const CONFIG = { systemId: 'r_0123456789ab', concurrency: null, runners: [RUNNER] };

describe("the file with a machine's runners", () => {
  it('is read as it was written, and is for its owner only', async () => {
    const path = join(folder, 'below/runner.json');
    expect(await readRunnerConfig(path)).toBeNull();
    await writeRunnerConfig(path, CONFIG);
    expect(await readRunnerConfig(path)).toEqual(CONFIG);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect((await stat(join(folder, 'below'))).mode & 0o777).toBe(0o700);
  });

  it('names each machine differently, in the form that servers know', () => {
    const [one, other] = [newRunnerConfig(), newRunnerConfig()];
    expect(one.systemId).not.toBe(other.systemId);
    expect(parseRunnerConfig('file', JSON.stringify(one))).toEqual(one);
  });

  it('needs no more than a name, a server and a token for a runner', () => {
    const { name, url, token } = RUNNER;
    const text = JSON.stringify({ systemId: CONFIG.systemId, runners: [{ name, url, token }] });
    expect(parseRunnerConfig('file', text)).toEqual(CONFIG);
  });

  it.each([
    ['glrt-secret', 'it is not JSON'],
    ['[]', 'it is not an object'],
    ['{}', 'systemId is not'],
    [{ ...CONFIG, more: 1 }, 'it has "more", which is not known'],
    [{ ...CONFIG, concurrency: 0 }, 'concurrency is not a whole number from 1'],
    [{ ...CONFIG, runners: {} }, 'runners is not a list'],
    [{ ...CONFIG, runners: [null] }, 'runners[0] is not an object'],
    [{ ...CONFIG, runners: [{ ...RUNNER, token: '' }] }, 'runners[0].token is not a text'],
    [
      { ...CONFIG, runners: [RUNNER, { ...RUNNER, executor: 'kubernetes' }] },
      'runners[1].executor is not one of',
    ],
    [{ ...CONFIG, runners: [{ ...RUNNER, privileged: 'yes' }] }, 'runners[0].privileged is not'],
    [{ ...CONFIG, runners: [{ ...RUNNER, engineSocket: 1 }] }, 'runners[0].engineSocket is not'],
    [{ ...CONFIG, runners: [{ ...RUNNER, sandbox: 'glrt-secret' }] }, 'runners[0].sandbox is not'],
  ])('%j: %s', (content, said) => {
    const text = typeof content === 'string' ? content : JSON.stringify(content);
    const read = () => parseRunnerConfig('file', text);
    expect(read).toThrow(said);
    expect(read).not.toThrow('glrt-secret');
  });

  it('is where the XDG rules put it, unless it is named', () => {
    const io = { ...processIo(), folder: '/here', environment: { HOME: '/home/a' } };
    expect(runnerConfigPath(io, undefined)).toBe('/home/a/.config/slipway/runner.json');
    expect(runnerConfigPath(io, 'r.json')).toBe('/here/r.json');
    const xdg = { ...io, environment: { HOME: '/home/a', XDG_CONFIG_HOME: '/x' } };
    expect(runnerConfigPath(xdg, undefined)).toBe('/x/slipway/runner.json');
  });
});

describe('the command', () => {
  const environment = () => ({ HOME: folder });

  it.each([
    [['list'], 1, 'no-runner'],
    [['run'], 1, 'no-runner'],
    [['unregister'], 2, '--all'],
    [['register'], 2, '--url'],
    [['register', '--url', 'ci.example.com', '--token', 'glrt-x'], 2, 'bad-server-address'],
    [['register', '--url', 'https://a:b@c', '--token', 'glrt-x'], 2, 'bad-server-address'],
    [['register', '--url', 'https://c', '--token-file', 'nothing'], 1, 'no-runner-token'],
    [['run', '--url', 'https://c', '--token', 'glrt-x', '--drain-timeout', 'soon'], 2, '--drain-timeout'],
    [['register', '--url', 'http://127.0.0.1:9', '--token', 'glrt-x'], 1, 'server-away'],
  ])('slipway runner %j says what is missing or wrong', async (args, exitCode, said) => {
    const called = await callProgram(folder, ['runner', ...args], environment());
    expect(called).toMatchObject({ exitCode, stderr: expect.stringContaining(said) });
  });

  it('takes a token from standard input, and refuses one that is none', async () => {
    const args = ['runner', 'register', '--url', 'http://127.0.0.1:9', '--token-file', '-'];
    const called = (text: string) => callProgram(folder, args, environment(), Readable.from([text]));
    expect((await called('glrt-x\n')).stderr).toContain('server-away');
    expect((await called('two words\n')).stderr).toContain('no-runner-token');
    expect((await called('')).stderr).toContain('no-runner-token');
  });

  it('lists runners without their tokens', async () => {
    await writeFile(join(folder, 'c.json'), JSON.stringify(CONFIG));
    const { stdout } = await callProgram(folder, ['runner', 'list', '--config', 'c.json'], environment());
    expect(stdout).toBe('one  https://ci.example.com  auto\n');
    expect(await readFile(join(folder, 'c.json'), 'utf8')).toContain('glrt-secret');
  });
});
