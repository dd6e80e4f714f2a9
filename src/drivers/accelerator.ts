/**
 * What guests really run on. An openable /dev/kvm proves nothing (nested and paravirtual hosts have one that starts
 * guests and then hangs them), so KVM counts only with the CPU's flags, the device and a guest that ran its firmware.
 */
import { Fault } from '../core/fault.ts'
import { z } from '../core/schema.ts'
import type { GuestSpec } from './driver.ts'
import type { DriverContext } from './driver-context.ts'
import { hasKvmDevice, kvmAccess } from './kvm-device.ts'
import { type Acceleration, qemuProgram } from './qemu-program.ts'
import { runsGuests, supportsSandbox } from './start-probe.ts'

const probeResult = z.strictObject({
  bootId: z.string(),
  qemu: z.string(),
  version: z.string(),
  machineTypes: z.array(z.string()),
  kvm: z.boolean(),
  sandbox: z.boolean(),
})
export type ProbeResult = z.infer<typeof probeResult>

/** What a guest with this virt type gets: `forbidden` for kvm without permission, `unsupported` for kvm that does not work. */
export async function accelerationFor(context: DriverContext, virtType: GuestSpec['virtType']): Promise<Acceleration> {
  const probe = await probeHost(context)
  return accelerationBy(context, probe, virtType)
}

/** The same from a probe that was made. */
export async function accelerationBy(
  context: DriverContext,
  probe: Pick<ProbeResult, 'kvm' | 'sandbox'>,
  virtType: GuestSpec['virtType'],
): Promise<Acceleration> {
  if (virtType === 'qemu') return { accelerator: 'tcg', sandbox: probe.sandbox }
  if (probe.kvm) return { accelerator: 'kvm', sandbox: probe.sandbox }
  if (virtType === 'auto') return { accelerator: 'tcg', sandbox: probe.sandbox }
  throw await kvmFault(context)
}

async function kvmFault(context: DriverContext): Promise<Fault> {
  const { host } = context
  const access = await kvmAccess(context)
  if (access === 'forbidden') {
    return new Fault('forbidden', `host ${host.name}: no permission on /dev/kvm`, {
      hint: 'add the user to the group kvm, or set the host to virt type qemu',
    })
  }
  const obstacle = access === 'missing' ? 'there is no /dev/kvm' : 'a test guest did not start with it'
  return new Fault('unsupported', `host ${host.name}: KVM does not work: ${obstacle}`, {
    hint: 'set the host to virt type auto or qemu',
  })
}

/** Version words of the host's qemu. `unsupported` with the packages to install when there is none. */
export async function qemuVersion({ host }: DriverContext): Promise<string> {
  try {
    const { stdout } = await host.run([qemuProgram, '--version'], { effect: 'read' })
    return /version (\S+)/.exec(stdout)?.[1] ?? 'unknown'
  } catch (error) {
    if (!(error instanceof Fault && error.kind === 'unsupported')) throw error
    throw new Fault('unsupported', `host ${host.name} has no ${qemuProgram}`, {
      hint: `on host ${host.name}: apt-get install qemu-system-x86 qemu-utils genisoimage`,
      cause: error,
    })
  }
}

/** The probe's result; found once for each boot of the host and installation of qemu, then read from a file. */
export async function probeHost(context: DriverContext): Promise<ProbeResult> {
  const { host, instancesPath } = context
  const file = `${instancesPath}/.probe.json`
  // Asked for at once, so that an ssh host answers in one round trip.
  const [boot, qemu, note] = await Promise.all([
    bootId(context),
    qemuIdentity(context),
    host.readFile(file, { maxBytes: 64 * 1024 }).catch(() => undefined),
  ])
  const key = { bootId: boot, qemu }
  const known = asProbeResult(note)
  if (known && known.bootId === key.bootId && known.qemu === key.qemu) return known
  const kvm = (await hasKvmDevice(context)) && (await kvmAccess(context)) === 'allowed' && (await runsGuests(context, 'kvm'))
  const version = await qemuVersion(context)
  const found = { ...key, version, machineTypes: await machineNames(context), kvm, sandbox: await supportsSandbox(context) }
  await host.mkdir(instancesPath)
  await host.writeFile(file, JSON.stringify(found))
  return found
}

async function machineNames({ host }: DriverContext): Promise<string[]> {
  const { stdout } = await host.run([qemuProgram, '-machine', 'help'], { effect: 'read' })
  return stdout
    .split('\n')
    .slice(1)
    .flatMap((line) => line.split(' ')[0] || [])
    .filter((name) => name !== 'none')
}

/** Changes when qemu is installed anew. Asking qemu itself costs a process, so its file is asked where it is usually. */
async function qemuIdentity(context: DriverContext): Promise<string> {
  const file = await context.host.stat(`/usr/bin/${qemuProgram}`)
  return file ? `${file.size} ${file.modifiedAt}` : qemuVersion(context)
}

async function bootId({ host }: DriverContext): Promise<string> {
  const bytes = await host.readFile('/proc/sys/kernel/random/boot_id', { maxBytes: 64 })
  return bytes?.toString('latin1').trim() ?? ''
}

function asProbeResult(bytes: Buffer | undefined): ProbeResult | undefined {
  try {
    return bytes && probeResult.parse(JSON.parse(bytes.toString('utf8')))
  } catch {
    return undefined
  }
}
