/** What a batch ran on: the commit, and the versions of what it tortured. */
import { execFileSync } from 'node:child_process'

/** What a program prints, or undefined where it is not. */
function says(file: string, ...args: string[]): string | undefined {
  try {
    return execFileSync(file, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })
  } catch {
    return undefined
  }
}

export const commit = (): string => says('git', 'rev-parse', '--short', 'HEAD')?.trim() ?? 'unknown'

const versionIn = (text: string | undefined): string | undefined => text?.match(/\d+\.\d+(\.\d+)?/)?.[0]

/** Of node, qemu, libvirt, ssh and the kernel; without those that are not installed. */
export function versions(): Readonly<Record<string, string>> {
  const found = {
    node: process.versions.node,
    qemu: versionIn(says('qemu-system-x86_64', '--version')),
    libvirt: versionIn(says('virsh', '--version')),
    kernel: versionIn(says('uname', '-r')),
  }
  return Object.fromEntries(Object.entries(found).flatMap(([name, version]) => (version === undefined ? [] : [[name, version]])))
}

/** Which part of that share a commit runs: 0 for the first. */
export function partOf(commitId: string, share: number): number {
  const parts = share > 0 && share < 1 ? Math.round(1 / share) : 1
  const number = Number.parseInt(commitId, 16)
  return Number.isFinite(number) ? number % parts : 0
}
