/**
 * Where the parts of the test world are. The addresses are of a range that is set aside for documentation (RFC 5737),
 * so they cannot be anybody's; engines have the hub's address in their images, which is why it never changes.
 */
export const WORLD_SUBNET = '198.51.100.0/24';
export const GATEWAY_ADDRESS = '198.51.100.1';
export const HUB_ADDRESS = '198.51.100.10';
export const HOST_ADDRESS = '198.51.100.80';
