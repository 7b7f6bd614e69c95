import { generateKeyPairSync } from 'node:crypto';
import { beforeEach, describe, expect, test } from 'vitest';
import { startTestedServer, type TestedServer } from '../../test-support/running-server.ts';
import { type AskRest, askRest } from '../test-support/ask-rest.ts';

let tested: TestedServer;
let admin: AskRest;
beforeEach(async () => {
  tested = await startTestedServer();
  admin = askRest(tested, tested.adminToken);
});

function newPublicKey(): string {
  const { x = '' } = generateKeyPairSync('ed25519').publicKey.export({ format: 'jwk' });
  const string = (bytes: Buffer) => Buffer.concat([Buffer.from([0, 0, 0, bytes.length]), bytes]);
  const blob = Buffer.concat([string(Buffer.from('ssh-ed25519')), string(Buffer.from(x, 'base64url'))]);
  return `ssh-ed25519 ${blob.toString('base64')} somebody@somewhere`;
}

function idOf({ json }: { readonly json: unknown }): number {
  return typeof json === 'object' && json !== null && 'id' in json ? Number(json.id) : Number.NaN;
}

test("the administrator's keys are added once, listed, and removed", async () => {
  const key = newPublicKey();
  const made = await admin('POST', '/user/keys', { title: 'laptop', key });
  expect(made).toMatchObject({
    status: 201,
    json: {
      ...{ title: 'laptop', key: key.split(' ').slice(0, 2).join(' '), usage_type: 'auth' },
      ...{
        fingerprint_sha256: expect.stringMatching(/^SHA256:.{43}$/),
        expires_at: null,
        last_used_at: null,
      },
    },
  });
  expect(await admin('POST', '/user/keys', { title: 'again', key })).toMatchObject({
    status: 400,
    json: { message: { fingerprint_sha256: ['has already been taken'] } },
  });
  expect((await admin('GET', '/user/keys')).json).toMatchObject([{ title: 'laptop' }]);
  expect(await admin('DELETE', `/user/keys/${idOf(made)}`)).toMatchObject({ status: 204 });
  expect(await admin('DELETE', `/user/keys/${idOf(made)}`)).toMatchObject({ status: 404 });
  expect(await askRest(tested, null)('GET', '/user/keys')).toMatchObject({ status: 401 });
});

test.each([
  ['no key', 'x', 'no public key'],
  ['a private key', '-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1r\n', 'private key'],
  ['a type that is not supported', `ssh-dss ${'A'.repeat(60)}`, 'ssh-dss are not supported'],
])('%s is refused', async (_what, key, why) => {
  const refused = await admin('POST', '/user/keys', { title: 'x', key });
  expect(refused.status).toBe(400);
  expect(JSON.stringify(refused.json)).toContain(why);
  expect(JSON.stringify(refused.json)).not.toContain('b3BlbnNzaC1r');
});

describe('deploy keys', () => {
  const AT = '/projects/team%2Fapp/deploy_keys';

  test('are let into projects, may be allowed to push, and go with their last project', async () => {
    const other = await tested.addProject('team/other', { a: '1' });
    const key = newPublicKey();
    const made = await admin('POST', AT, { title: 'machine', key });
    expect(made).toMatchObject({ status: 201, json: { title: 'machine', can_push: false } });
    const id = idOf(made);
    const elsewhere = await admin('POST', `/projects/${other}/deploy_keys`, {
      title: 'x',
      key,
      can_push: true,
    });
    expect(elsewhere).toMatchObject({ status: 201, json: { id, title: 'machine', can_push: true } });
    expect(await admin('PUT', `${AT}/${id}`, { can_push: true })).toMatchObject({ json: { can_push: true } });
    expect((await admin('GET', AT)).json).toMatchObject([{ id, can_push: true }]);
    expect(await admin('DELETE', `${AT}/${id}`)).toMatchObject({ status: 204 });
    expect(await admin('GET', `${AT}/${id}`)).toMatchObject({ status: 404 });
    expect(await admin('GET', `/projects/${other}/deploy_keys/${id}`)).toMatchObject({ status: 200 });
    expect(await admin('DELETE', `/projects/${other}/deploy_keys/${id}`)).toMatchObject({ status: 204 });
    expect(await admin('POST', '/user/keys', { title: 'mine', key })).toMatchObject({ status: 201 });
    expect(await admin('POST', AT, { title: 'machine', key })).toMatchObject({ status: 400 });
  });

  test('have an end, which is in the future', async () => {
    const body = { title: 'x', key: newPublicKey(), expires_at: '2020-01-01T00:00:00Z' };
    expect(await admin('POST', AT, body)).toMatchObject({ status: 400 });
    const later = { ...body, expires_at: '2999-01-01T00:00:00.000Z' };
    expect(await admin('POST', AT, later)).toMatchObject({ json: { expires_at: later.expires_at } });
  });
});
