/** Where a missing program comes from, for the hint of a fault. */
const packages = new Map([
  ['qemu-img', 'qemu-utils'],
  ['qemu-nbd', 'qemu-utils'],
  ['qemu-system-x86_64', 'qemu-system-x86'],
  ['qemu-system-i386', 'qemu-system-x86'],
  ['qemu-system-aarch64', 'qemu-system-arm'],
  ['genisoimage', 'genisoimage'],
  ['mkisofs', 'genisoimage'],
  ['isoinfo', 'genisoimage'],
  ['xorrisofs', 'xorriso'],
  ['virsh', 'libvirt-clients'],
  ['libvirtd', 'libvirt-daemon-system'],
  ['flock', 'util-linux'],
  ['prlimit', 'util-linux'],
  ['setsid', 'util-linux'],
  ['ip', 'iproute2'],
  ['ss', 'iproute2'],
  ['bridge', 'iproute2'],
  ['nft', 'nftables'],
  ['dnsmasq', 'dnsmasq-base'],
  ['mkfs.ext4', 'e2fsprogs'],
  ['mkfs.vfat', 'dosfstools'],
  ['lvs', 'lvm2'],
  ['socat', 'socat'],
  ['python3', 'python3'],
])

/** The Debian package that has `program`, or undefined when it is not known. */
export function debianPackage(program: string): string | undefined {
  return packages.get(program.slice(program.lastIndexOf('/') + 1))
}
