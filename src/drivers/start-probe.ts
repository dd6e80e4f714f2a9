/** Starts a guest that has nothing to boot and looks whether its firmware ran to the end. */
import { Fault } from '../core/fault.ts'
import type { DriverContext } from './driver-context.ts'
import { qemuProgram, sandboxOptions } from './qemu-program.ts'

/** The firmware takes 0.1 s where it works; a KVM that emulates real mode takes seconds and is no gain. */
const firmwareMs = 3000
const bare = ['-nodefaults', '-no-user-config', '-display', 'none']

/** Whether a guest really runs: the firmware must find no disk, say so on its debug port and reset. */
export async function runsGuests({ host }: DriverContext, accelerator: 'kvm' | 'tcg'): Promise<boolean> {
  const port = ['-chardev', 'stdio,id=debug', '-device', 'isa-debugcon,iobase=0x402,chardev=debug']
  const machine = ['-machine', 'pc', '-accel', accelerator, '-m', '16', '-boot', 'reboot-timeout=0', '-no-reboot']
  const argv = [qemuProgram, ...bare, ...machine, ...port]
  return succeeds(async () => {
    const { stdout } = await host.run(argv, { effect: 'read', deadlineMs: firmwareMs })
    return stdout.includes('No bootable device')
  })
}

/** Whether this qemu can fence itself with seccomp. */
export async function supportsSandbox({ host }: DriverContext): Promise<boolean> {
  const argv = [qemuProgram, ...bare, '-machine', 'none', '-sandbox', sandboxOptions, '-qmp', 'stdio']
  const stdin = '{"execute":"qmp_capabilities"}\n{"execute":"quit"}\n'
  return succeeds(async () => {
    const { stdout } = await host.run(argv, { effect: 'read', stdin, deadlineMs: firmwareMs })
    return stdout.includes('"SHUTDOWN"')
  })
}

async function succeeds(probe: () => Promise<boolean>): Promise<boolean> {
  try {
    return await probe()
  } catch (error) {
    if (error instanceof Fault && (error.kind === 'internal' || error.kind === 'timeout')) return false
    throw error
  }
}
