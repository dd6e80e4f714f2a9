/** The host's KVM device and the CPU flags that make it worth a try. */
import type { DriverContext } from './driver-context.ts'

/** Whether the CPU says that it can virtualise; without vmx or svm a /dev/kvm is some emulation that breaks guests. */
export async function hasKvmDevice({ host }: DriverContext): Promise<boolean> {
  const cpu = (await host.readFile('/proc/cpuinfo'))?.toString('latin1') ?? ''
  return /^flags\s*:.* (vmx|svm)( |$)/m.test(cpu) && (await host.stat('/dev/kvm')) !== undefined
}

export type KvmAccess = 'allowed' | 'forbidden' | 'missing'

/** Whether the user that runs guests may open /dev/kvm. */
export async function kvmAccess({ host }: DriverContext): Promise<KvmAccess> {
  if ((await host.stat('/dev/kvm')) === undefined) return 'missing'
  const options = { effect: 'read' as const, okExitCodes: [0, 1] }
  const readable = await host.run(['test', '-r', '/dev/kvm', '-a', '-w', '/dev/kvm'], options)
  return readable.exitCode === 0 ? 'allowed' : 'forbidden'
}
