import { GATEWAY_ADDRESS, WORLD_SUBNET } from './addresses.ts';
import { command, output } from './command.ts';

export const WORLD_NETWORK = 'slipway-test-world';

/**
 * Makes the world's network and lets containers of other networks reach it, as they would reach a machine on the
 * internet. Docker keeps its networks apart; the chain DOCKER-USER is where it lets an administrator decide otherwise.
 */
export async function openNetwork(): Promise<void> {
  await output('docker', [
    'network',
    'create',
    `--subnet=${WORLD_SUBNET}`,
    `--gateway=${GATEWAY_ADDRESS}`,
    WORLD_NETWORK,
  ]);
  for (const rule of RULES) {
    await output('iptables', ['-I', 'DOCKER-USER', ...rule]);
  }
}

/** Takes the network and its rules away; also what an earlier world, that was killed, has left. */
export async function closeNetwork(): Promise<void> {
  for (const rule of RULES) {
    while ((await command('iptables', ['-D', 'DOCKER-USER', ...rule])).exitCode === 0) {
      // As often as it was put in.
    }
  }
  await command('docker', ['network', 'rm', WORLD_NETWORK]);
}

const RULES = [
  ['-d', WORLD_SUBNET, '-j', 'ACCEPT'],
  ['-s', WORLD_SUBNET, '-j', 'ACCEPT'],
];
