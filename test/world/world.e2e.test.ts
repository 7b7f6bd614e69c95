import { afterAll, beforeAll, expect, test } from 'vitest';
import { startWorld, type World } from './world.ts';

let world: World;

beforeAll(async () => {
  world = await startWorld();
  await world.host.run('docker', 'pull', '--quiet', 'python:3.11-alpine');
});

afterAll(async () => {
  await world?.[Symbol.asyncDispose]();
});

// A hub that let everybody push would let a pipeline pass that never logs in.
test('the hub lets its account push, to its own repositories, with the right token, and nobody else', async () => {
  const push = (repository: string) =>
    world.host.run(
      'sh',
      '-c',
      `docker tag python:3.11-alpine ${repository} && docker push --quiet ${repository}`,
    );
  const logIn = (token: string) =>
    world.host.run('sh', '-c', `echo ${token} | docker login --username zhendrikse --password-stdin`);

  await expect(push('zhendrikse/app')).rejects.toThrow('denied');
  await expect(logIn('wrong')).rejects.toThrow('incorrect username or password');
  await logIn(world.hub.token);
  await push('zhendrikse/app');
  await expect(push('somebody-else/app')).rejects.toThrow('denied');

  expect(await world.hub.tags('zhendrikse/app')).toEqual(['latest']);
  expect(await world.hub.tags('somebody-else/app')).toEqual([]);
});
