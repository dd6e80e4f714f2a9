import { describe, expect, it } from 'vitest'
import { accelerationFor, qemuVersion } from '../../../src/drivers/accelerator.ts'
import { type ScriptedRule, scriptedHost } from '../../../src/hosts/scripted.ts'
import { systemRandom } from '../../../src/system/random.ts'
import { realTime } from '../../support/host-directory.ts'

const flags = 'processor : 0\nflags\t\t: fpu vmx sse2\n'
const firmware = 'SeaBIOS (version 1.16)\nNo bootable device.  Retrying in 0 seconds.\n'

interface Machine {
  readonly cpuinfo?: string
  readonly device?: boolean
  readonly mayOpen?: boolean
  readonly firmware?: string
  readonly sandbox?: boolean
  readonly virtType?: 'auto' | 'kvm' | 'qemu'
}

/** A host whose qemu says what a machine of that kind makes it say. */
async function machine(kind: Machine) {
  const { cpuinfo = flags, device = true, mayOpen = true, sandbox = true } = kind
  const qemu: ScriptedRule = (argv) => {
    if (argv[0] !== 'qemu-system-x86_64') return undefined
    if (argv.includes('--version')) return { stdout: 'QEMU emulator version 7.2.22 (Debian)\n' }
    if (argv.includes('-sandbox')) return sandbox ? { stdout: '{"event": "SHUTDOWN"}' } : { exitCode: 1 }
    return { stdout: kind.firmware ?? firmware }
  }
  const test: ScriptedRule = (argv) => (argv[0] === 'test' ? { exitCode: mayOpen ? 0 : 1 } : undefined)
  const files: Record<string, string> = { '/proc/cpuinfo': cpuinfo, '/proc/sys/kernel/random/boot_id': 'boot-1\n' }
  if (device) files['/dev/kvm'] = ''
  const host = await scriptedHost({ name: 'h1', files, rules: [qemu, test] })
  return { host, instancesPath: '/srv', clock: realTime, random: systemRandom, virtType: kind.virtType ?? ('auto' as const) }
}

const guestsStarted = (ran: readonly (readonly string[])[]) =>
  ran.filter((argv) => argv.includes('isa-debugcon,iobase=0x402,chardev=debug'))

describe('accelerationFor auto', () => {
  it('takes KVM when flags, device and a test guest agree', async () => {
    expect(await accelerationFor(await machine({}), 'auto')).toEqual({ accelerator: 'kvm', sandbox: true })
  })

  it.each<[string, Machine]>([
    ['the CPU has no flag, though /dev/kvm opens and a guest starts', { cpuinfo: 'flags : fpu sse2\n' }],
    ['a flag is only a part of a word', { cpuinfo: 'flags : fpu vmxnet\n' }],
    ['there is no device', { device: false }],
    ['the device may not be opened', { mayOpen: false }],
    ['the test guest prints nothing', { firmware: '' }],
  ])('falls back to emulation when %s', async (_, kind) => {
    expect(await accelerationFor(await machine(kind), 'auto')).toMatchObject({ accelerator: 'tcg' })
  })

  it('starts its test guest once for each boot of the host', async () => {
    const context = await machine({})
    await accelerationFor(context, 'auto')
    await accelerationFor(context, 'auto')
    expect(guestsStarted(context.host.ran)).toHaveLength(1)
    await context.host.writeFile('/proc/sys/kernel/random/boot_id', 'boot-2\n')
    await accelerationFor(context, 'auto')
    expect(guestsStarted(context.host.ran)).toHaveLength(2)
  })

  it('probes again over a damaged note', async () => {
    const context = await machine({})
    await context.host.mkdir('/srv')
    await context.host.writeFile('/srv/.probe.json', '{"kvm":')
    expect(await accelerationFor(context, 'auto')).toMatchObject({ accelerator: 'kvm' })
  })

  it('goes without a sandbox where qemu has none', async () => {
    expect(await accelerationFor(await machine({ sandbox: false }), 'qemu')).toEqual({ accelerator: 'tcg', sandbox: false })
  })
})

describe('accelerationFor kvm', () => {
  it('says that /dev/kvm is closed and names the group', async () => {
    await expect(accelerationFor(await machine({ mayOpen: false }), 'kvm')).rejects.toMatchObject({
      kind: 'forbidden',
      message: 'host h1: no permission on /dev/kvm',
      hint: expect.stringContaining('group kvm'),
    })
  })

  it.each<[string, Machine]>([
    ['there is no /dev/kvm', { device: false }],
    ['a test guest did not start with it', { firmware: '' }],
  ])('says that %s', async (obstacle, kind) => {
    await expect(accelerationFor(await machine(kind), 'kvm')).rejects.toMatchObject({
      kind: 'unsupported',
      message: expect.stringContaining(obstacle),
    })
  })
})

it('says what to install when there is no qemu', async () => {
  const host = await scriptedHost({ name: 'h1' })
  await expect(
    qemuVersion({ host, instancesPath: '/srv', clock: realTime, random: systemRandom, virtType: 'auto' }),
  ).rejects.toMatchObject({
    kind: 'unsupported',
    message: 'host h1 has no qemu-system-x86_64',
    hint: 'on host h1: apt-get install qemu-system-x86 qemu-utils genisoimage',
  })
})
