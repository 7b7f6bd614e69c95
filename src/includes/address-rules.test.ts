import { expect, test } from 'vitest';
import { addressKind } from './address-rules.ts';

test.each([
  ['93.184.216.34', 'public'],
  ['2606:2800:220:1:248:1893:25c8:1946', 'public'],
  ['::ffff:93.184.216.34', 'public'],
  ['127.0.0.1', 'localhost'],
  ['127.255.0.9', 'localhost'],
  ['0.0.0.0', 'localhost'],
  ['::1', 'localhost'],
  ['::', 'localhost'],
  ['::ffff:127.0.0.1', 'localhost'],
  ['::ffff:7f00:1', 'localhost'],
  ['64:ff9b::7f00:1', 'localhost'],
  ['169.254.169.254', 'link local network'],
  ['::ffff:169.254.169.254', 'link local network'],
  ['fe80::1', 'link local network'],
  ['10.1.2.3', 'local network'],
  ['172.31.255.255', 'local network'],
  ['172.32.0.1', 'public'],
  ['192.168.0.1', 'local network'],
  ['::ffff:c0a8:1', 'local network'],
  ['64:ff9b::', 'localhost'],
  ['100.64.0.1', 'local network'],
  ['224.0.0.1', 'local network'],
  ['255.255.255.255', 'local network'],
  ['fd00::1', 'local network'],
  ['::7f00:1', 'local network'],
  ['2002:7f00:1::', 'local network'],
  ['::ffff:0:7f00:1', 'local network'],
  ['not an address', 'local network'],
])('%s is %s', (address, kind) => {
  expect(addressKind(address)).toBe(kind);
});
