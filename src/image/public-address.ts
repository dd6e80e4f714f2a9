/** Which addresses a download may come from: none that belong to this machine, its networks or its cloud. */

const refused: readonly (readonly [network: string, prefix: number, family: 'ipv4' | 'ipv6'])[] = [
  ['0.0.0.0', 8, 'ipv4'],
  ['10.0.0.0', 8, 'ipv4'],
  ['100.64.0.0', 10, 'ipv4'],
  ['127.0.0.0', 8, 'ipv4'],
  ['168.63.129.16', 32, 'ipv4'],
  ['169.254.0.0', 16, 'ipv4'],
  ['172.16.0.0', 12, 'ipv4'],
  ['192.0.0.0', 24, 'ipv4'],
  ['192.0.2.0', 24, 'ipv4'],
  ['192.88.99.0', 24, 'ipv4'],
  ['192.168.0.0', 16, 'ipv4'],
  ['198.18.0.0', 15, 'ipv4'],
  ['198.51.100.0', 24, 'ipv4'],
  ['203.0.113.0', 24, 'ipv4'],
  ['224.0.0.0', 3, 'ipv4'],
  // Addresses that carry an IPv4 address (mapped, translated, tunnelled) would be ways around the list above.
  ['::', 80, 'ipv6'],
  ['64:ff9b::', 32, 'ipv6'],
  ['100::', 8, 'ipv6'],
  ['2001::', 23, 'ipv6'],
  ['2001:db8::', 32, 'ipv6'],
  ['2002::', 16, 'ipv6'],
  ['3fff::', 20, 'ipv6'],
  ['5f00::', 16, 'ipv6'],
  ['fc00::', 7, 'ipv6'],
  ['fe80::', 9, 'ipv6'],
  ['ff00::', 8, 'ipv6'],
]

/** Resolves with a test for addresses that the public internet routes; anything that is no address fails it. */
export async function publicAddresses(): Promise<(address: string) => boolean> {
  const { BlockList, isIP } = await import('node:net')
  // One list a family: a list of both would take an IPv4 address for its mapped form.
  const blocked = { ipv4: new BlockList(), ipv6: new BlockList() }
  for (const [network, prefix, family] of refused) blocked[family].addSubnet(network, prefix, family)
  return (address) => {
    const version = isIP(address)
    const family = version === 4 ? 'ipv4' : 'ipv6'
    return version !== 0 && !address.includes('%') && !blocked[family].check(address, family)
  }
}
