import { BlockList, isIP } from 'node:net';

/** Where an address leads: out to everybody, or to places that a stranger's file has no business to reach. */
export type AddressKind = 'public' | 'localhost' | 'link local network' | 'local network';

/** `address`: an IP address as text; what is none is taken for the local network's. */
export function addressKind(address: string): AddressKind {
  const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
  if (isIP(address) === 0) return 'local network';
  const inner = family === 'ipv6' ? embeddedIpv4(address) : null;
  if (inner !== null) return addressKind(inner);
  for (const [kind, list] of LISTS) {
    if (list.check(address, family)) return kind;
  }
  return 'public';
}

const LISTS: readonly (readonly [AddressKind, BlockList])[] = [
  ['localhost', listOf(['0.0.0.0/8', '127.0.0.0/8', '::/128', '::1/128'])],
  ['link local network', listOf(['169.254.0.0/16', 'fe80::/10'])],
  [
    'local network',
    listOf([
      ...['10.0.0.0/8', '100.64.0.0/10', '172.16.0.0/12', '192.168.0.0/16', '198.18.0.0/15'],
      // Set aside for documents, protocols, groups of machines, and later.
      ...['192.0.0.0/24', '192.0.2.0/24', '192.88.99.0/24', '198.51.100.0/24', '203.0.113.0/24'],
      ...['224.0.0.0/4', '240.0.0.0/4'],
      ...['fc00::/7', 'fec0::/10', 'ff00::/8', '100::/64', '64:ff9b:1::/48', '2001::/23', '2001:db8::/32'],
      // IPv4 in IPv6 that nobody needs any more.
      ...['::/96', '::ffff:0:0:0/96', '2002::/16'],
    ]),
  ],
];

function listOf(networks: readonly string[]): BlockList {
  const list = new BlockList();
  for (const network of networks) {
    const [address = '', bits = ''] = network.split('/');
    list.addSubnet(address, Number(bits), isIP(address) === 6 ? 'ipv6' : 'ipv4');
  }
  return list;
}

const MAPPED = listOf(['::ffff:0:0/96', '64:ff9b::/96']);

/** `::ffff:10.0.0.1`, also with hexadecimal digits, and what a network translates to IPv4. */
function embeddedIpv4(address: string): string | null {
  // The system may say through which interface: `fe80::1%eth0`.
  const plain = address.replace(/%.*$/, '');
  if (!MAPPED.check(plain, 'ipv6')) return null;
  const hex = new URL(`http://[${plain}]/`).hostname.slice(1, -1).split(':').slice(-2);
  const bytes = hex.flatMap((word) => {
    const value = Number.parseInt(word === '' ? '0' : word, 16);
    return [value >> 8, value & 255];
  });
  return bytes.join('.');
}
