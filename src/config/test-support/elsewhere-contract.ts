import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ComponentAddress, Elsewhere, OpenedComponent, OpenedProject } from '../sources.ts';

/** What the world holds that an implementation is tried against. */
export const CONTRACT_WORLD = {
  /** `main` is the default branch; the others are tags, `topic` a branch. All in one project, `group/sub/lib`. */
  project: 'group/sub/lib',
  refs: {
    main: { 'ci/a.yml': 'a: main ü\n', 'templates/one.yml': 'one: main\n', 'empty.yml': '' },
    topic: { 'ci/a.yml': 'a: topic\n' },
    '1.0.0': { 'templates/one.yml': 'one: 1.0.0\n' },
    '1.2.0': { 'templates/one.yml': 'one: 1.2.0\n', 'templates/two/template.yml': 'two: 1.2.0\n' },
    '2.0.0-rc.1': { 'templates/one.yml': 'one: rc\n' },
  },
  /** Paths on the server of remote files. */
  remotes: { '/ci/x.yml': 'x: remote ü\n', '/empty.yml': '' },
} as const;

export interface ContractWorld {
  readonly elsewhere: Elsewhere;
  /** The server's address for a path. */
  address(path: string): string;
  /** The host of components. */
  readonly host: string;
  close(): Promise<void>;
}

/** What every implementation of `Elsewhere` must do. `open` makes one that reaches exactly `CONTRACT_WORLD`. */
export function describeElsewhere(name: string, open: () => Promise<ContractWorld>): void {
  const { project } = CONTRACT_WORLD;

  describe(`${name} as Elsewhere`, () => {
    let world: ContractWorld;
    beforeAll(async () => {
      world = await open();
    });
    afterAll(() => world.close());

    test.each([
      [null, 'a: main ü\n'],
      ['main', 'a: main ü\n'],
      ['topic', 'a: topic\n'],
    ])('a project at %s has the files of that commit', async (ref, text) => {
      const opened = await world.elsewhere.openProject(project, ref);
      expect(await fileOf(opened, 'ci/a.yml')).toEqual({ kind: 'text', text });
    });

    test('a project at a commit has the files of that commit', async () => {
      const topic = await world.elsewhere.openProject(project, 'topic');
      const sha = topic.kind === 'opened' ? topic.sha : null;
      expect(sha).toMatch(/^[0-9a-f]{40}$/);
      const opened = await world.elsewhere.openProject(project, sha);
      expect(await fileOf(opened, 'ci/a.yml')).toEqual({ kind: 'text', text: 'a: topic\n' });
    });

    test('its files are listed, sorted', async () => {
      const opened = await world.elsewhere.openProject(project, null);
      const listed = opened.kind === 'opened' ? await opened.files.listFiles() : [];
      expect(listed).toEqual(Object.keys(CONTRACT_WORLD.refs.main).sort());
    });

    test.each([
      'none.yml',
      'ci',
      'ci/',
      '../x.yml',
      'ci/../../x.yml',
      'constructor',
      '__proto__',
      'a\0b.yml',
      '',
    ])('its file %j is absent', async (path) => {
      const opened = await world.elsewhere.openProject(project, null);
      expect(await fileOf(opened, path)).toEqual({ kind: 'absent' });
    });

    test('an empty file is empty', async () => {
      const opened = await world.elsewhere.openProject(project, null);
      expect(await fileOf(opened, 'empty.yml')).toEqual({ kind: 'text', text: '' });
    });

    test.each([
      'none',
      '0123456789012345678901234567890123456789',
      '--upload-pack=touch /tmp/x',
      '-x',
      '',
      'a b',
      'main..topic',
      'main:ci/a.yml',
      'refs/../main',
      'a\0b',
      'a\nb',
      '^main',
      '@{-1}',
      'x'.repeat(5_000),
    ])('what is no ref is none: %j', async (ref) => {
      expect(await world.elsewhere.openProject(project, ref)).toMatchObject({ kind: 'no-ref' });
    });

    test.each([
      'group/sub/none',
      'none',
      '',
      '..',
      '../lib',
      'group/../group/sub/lib',
      'group//sub/lib',
      '/etc',
      '--upload-pack=touch /tmp/x',
      'group/sub/lib\0',
      'group/sub/lib\nx',
      'group/sub/lib?x=y',
      'group/sub/lib#x',
      'user@evil.example/x',
      'x'.repeat(5_000),
    ])('what is no project is none: %j', async (path) => {
      expect(await world.elsewhere.openProject(path, null)).toMatchObject({ kind: 'no-project' });
    });

    test.each([
      ['main', 'one: main\n', null],
      ['1.0.0', 'one: 1.0.0\n', '1.0.0'],
      ['1.2', 'one: 1.2.0\n', '1.2.0'],
      ['1', 'one: 1.2.0\n', '1.2.0'],
      ['~latest', 'one: 1.2.0\n', '1.2.0'],
      ['2.0.0-rc.1', 'one: rc\n', '2.0.0-rc.1'],
    ])('a component at %s', async (version, text, release) => {
      const opened = await world.elsewhere.openComponent(component(version));
      expect(opened).toMatchObject({ kind: 'opened', version: release });
      expect(await fileOf(opened, 'templates/one.yml')).toEqual({ kind: 'text', text });
    });

    test.each([
      ['2', { kind: 'no-release' }],
      ['1.3', { kind: 'no-release' }],
      ['3.0.0', { kind: 'no-ref' }],
      ['--x', { kind: 'no-ref' }],
    ])('a component at %s is not there', async (version, answer) => {
      expect(await world.elsewhere.openComponent(component(version))).toMatchObject(answer);
    });

    test('a component of no project is not there', async () => {
      const answer = await world.elsewhere.openComponent({ ...component('1'), project: 'group/none' });
      expect(answer).toMatchObject({ kind: 'no-project' });
    });

    test('a remote file is what the address has', async () => {
      expect(await world.elsewhere.readRemote(world.address('/ci/x.yml'), 'shown.yml')).toEqual({
        kind: 'text',
        text: 'x: remote ü\n',
        digest: 'sha256-RL1gHNZ5FVat2s210sUdb0g8pxFMUy6OzwASA4iieY8=',
      });
      expect(await world.elsewhere.readRemote(world.address('/empty.yml'), 'shown.yml')).toMatchObject({
        kind: 'text',
        text: '',
      });
    });

    test('the server says that there is none', async () => {
      const answer = await world.elsewhere.readRemote(world.address('/none.yml'), 'shown.yml');
      expect(answer).toEqual({ kind: 'http-status', status: 404 });
    });

    test.each([
      '',
      'x.yml',
      'file:///etc/passwd',
      'ftp://example.com/x.yml',
      'https://',
      'http:///x.yml',
      'javascript:1',
    ])('what is no address is none: %j', async (address) => {
      expect(await world.elsewhere.readRemote(address, 'shown.yml')).toEqual({ kind: 'bad-address' });
    });

    test.each(['', 'none', '../x.gitlab-ci.yml', '/etc/passwd', '__proto__', 'a\0.gitlab-ci.yml'])(
      'what is no template is none: %j',
      async (name) => {
        expect(await world.elsewhere.readTemplate(name)).toMatchObject({ kind: 'absent' });
      },
    );

    test('the same question has the same answer, also when asked at once', async () => {
      const ask = () => world.elsewhere.openProject(project, 'topic');
      const [one, other] = await Promise.all([ask(), ask()]);
      expect(await fileOf(one, 'ci/a.yml')).toEqual(await fileOf(other, 'ci/a.yml'));
    });

    function component(version: string): ComponentAddress {
      return { host: world.host, project, name: 'one', version };
    }
  });
}

async function fileOf(opened: OpenedProject | OpenedComponent, path: string): Promise<unknown> {
  return opened.kind === 'opened' ? opened.files.readFile(path) : opened;
}
