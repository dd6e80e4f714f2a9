/** Whether this machine can have a rig; the reason goes into the name of a skipped suite. */
import { accessSync, constants } from 'node:fs'

/** Programs of the rig and the Debian packages that have them. */
const needed = new Map([
  ['/usr/sbin/sshd', 'openssh-server'],
  ['/usr/bin/nsenter', 'util-linux'],
  ['/usr/bin/setpriv', 'util-linux'],
])
const libvirt = new Map([
  ['/usr/sbin/libvirtd', 'libvirt-daemon-system-sysv'],
  ['/usr/bin/virsh', 'libvirt-clients'],
])

/** What stands in the way, or undefined. In CI nothing may: there the suite runs, and fails. */
export function rigObstacle(kind: 'libvirt' | 'plain' = 'plain'): string | undefined {
  if (process.env.CI === 'true') return undefined
  if (process.getuid?.() !== 0) return 'only root can make namespaces'
  const all = kind === 'libvirt' ? [...needed, ...libvirt] : [...needed]
  const missing = all.filter(([program]) => !isThere(program)).map(([, name]) => name)
  return missing.length === 0 ? undefined : `install ${[...new Set(missing)].join(' ')}`
}

function isThere(program: string): boolean {
  try {
    accessSync(program, constants.X_OK)
    return true
  } catch {
    return false
  }
}
