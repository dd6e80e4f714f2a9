import { describe, expect, it } from 'vitest'
import { libvirtDriver } from '../../../../src/drivers/libvirt/index.ts'
import { virsh } from '../../../../src/drivers/libvirt/virsh.ts'
import { type ScriptedAnswer, scriptedHost } from '../../../../src/hosts/scripted.ts'
import { systemRandom } from '../../../../src/system/random.ts'
import { aGuest } from '../../../support/a-guest.ts'
import { realTime } from '../../../support/host-directory.ts'

const id = '11111111-2222-4333-8444-555555555555'
const domain = `nova-${id}`
const caps = '<domainCapabilities><machine>pc-i440fx-7.2</machine></domainCapabilities>'

/** A host whose virsh answers each of its commands by name; separators are printed as virsh prints them. */
async function hostWith(answers: Readonly<Record<string, string>>, stderr = '') {
  const lines: { line: string; stdin: string }[] = []
  const rule = (argv: readonly string[], { stdin = '' }: { stdin?: string | Uint8Array }): ScriptedAnswer => {
    if (argv[0] !== 'env') return { stdout: '' }
    const line = argv.at(-1) ?? ''
    lines.push({ line, stdin: String(stdin) })
    const commands = stdin === '' ? line.split('; ') : ['stdin']
    const stdout = commands.map((command) => {
      const [word = '', argument = ''] = command.split(' ')
      return word === 'echo' ? argument : (new Map(Object.entries(answers)).get(word) ?? '')
    })
    return { stdout: stdout.join(''), stderr, exitCode: stderr === '' ? 0 : 1 }
  }
  const host = await scriptedHost({ rules: [rule], files: {} })
  const context = { host, instancesPath: '/srv/nova', clock: realTime, random: systemRandom, virtType: 'qemu' as const }
  return { context, lines, driver: libvirtDriver(context) }
}

const stats = (state: number, reason = 1) => `Domain: '${domain}'\n  state.state=${state}\n  state.reason=${reason}\n\n`

describe('virsh', () => {
  it.each(['a b', 'a;b', "a'b", '$(x)', '-x', '', 'a\nb'])('S13 never takes the word %j', async (word) => {
    const { context } = await hostWith({})
    await expect(virsh(context, [['list', word]])).rejects.toThrow(/cannot be a word/)
  })

  const refusals: [string, string][] = [
    ['error: failed to connect to the hypervisor\nerror: Failed to connect socket', 'unreachable'],
    ["error: failed to get domain 'x'", 'not-found'],
    ['error: authentication unavailable: no polkit agent', 'forbidden'],
    ['error: Timed out during operation: cannot acquire state change lock', 'timeout'],
    ["error: Cannot access backing file '/x': Permission denied", 'forbidden'],
    ['error: something else', 'internal'],
  ]
  it.each(refusals)('tells the kind of %j: %s', async (stderr, kind) => {
    const { context } = await hostWith({}, stderr)
    await expect(virsh(context, [['list']])).rejects.toMatchObject({ kind })
  })

  it('says which package has virsh', async () => {
    const host = await scriptedHost({ rules: [() => ({ exitCode: 127, stderr: "env: 'virsh': No such file or directory" })] })
    const { context } = await hostWith({})
    await expect(virsh({ ...context, host }, [['list']])).rejects.toMatchObject({
      kind: 'unsupported',
      hint: 'on host scripted: apt-get install libvirt-clients',
    })
  })
})

describe('the libvirt driver', () => {
  it.each([
    [0, 0, '', 'pending'],
    [1, 1, '', 'running'],
    [2, 0, '', 'running'],
    [3, 1, '', 'paused'],
    [3, 2, '', 'paused'],
    [3, 10, '', 'crashed'],
    [4, 0, '', 'shutdown'],
    [5, 2, '', 'shutdown'],
    [5, 5, `${id}\n`, 'suspended'],
    [6, 0, '', 'crashed'],
    [7, 0, '', 'suspended'],
    [99, 0, '', 'pending'],
  ])('calls state %i.%i%s %s', async (state, reason, saved, powerState) => {
    const { driver } = await hostWith({ domstats: stats(state, reason), list: saved })
    expect(await driver.inspect(id)).toMatchObject({ id, powerState })
  })

  it('does not believe a start that left the guest paused, as a KVM that does not work does', async () => {
    const { driver, lines } = await hostWith({ domstats: '', domcapabilities: caps })
    let looks = 0
    const { context } = await hostWith({})
    const host = await scriptedHost({
      rules: [
        (argv) => {
          const line = argv.at(-1) ?? ''
          if (argv[0] !== 'env') return {}
          lines.push({ line, stdin: '' })
          const separator = /echo (\S+);/.exec(line)?.[1] ?? ''
          looks += 1
          if (looks === 1)
            return {
              stdout: `${separator}${separator}${separator}${caps}`,
              stderr: `error: failed to get domain '${id}'`,
              exitCode: 0,
            }
          return { stdout: line.startsWith('define') ? stats(3, 11) : '' }
        },
      ],
    })
    expect(driver).toBeDefined()
    await expect(libvirtDriver({ ...context, host }).spawn(aGuest())).rejects.toThrow(/did not start: libvirt says 3.11/)
    expect(lines.map(({ line }) => line)).toContain(`destroy ${id}`)
  })

  it('lists domains of others as foreign, whatever their names are', async () => {
    const other = '99999999-2222-4333-8444-555555555555'
    const name = "x'; destroy --all $(reboot)"
    const { driver } = await hostWith({
      domstats: `${stats(1)}Domain: '${name}'\n  state.state=1\n  state.reason=1\n`,
      list: `${id} ${domain}\n${other} ${name}\n`,
    })
    const states = await driver.list()
    expect(states.map((state) => [state.id, state.isForeign])).toEqual([
      [id, undefined],
      [other, true],
    ])
  })

  it.each(['garbage', "Domain: 'x'\n  state.state", '  state.state=1', `Domain: 'x'\n  no.state=1\n`])(
    'S15 refuses the answer %j',
    async (answer) => {
      const { driver } = await hostWith({ domstats: answer })
      await expect(driver.inspect(id)).rejects.toMatchObject({ kind: 'internal' })
    },
  )

  it('sends a password by standard input alone, and never shows it', async () => {
    const { driver, lines, context } = await hostWith({ domstats: stats(1), list: '' }, '')
    const secret = "it's; destroy a\nlist"
    const fault = await driver.setPassword(id, 'root', secret).catch((error: unknown) => error)
    const encoded = Buffer.from(secret).toString('base64')
    expect(lines.at(-1)?.stdin).toContain(encoded)
    expect(lines.at(-1)?.stdin.trim().split('\n')).toHaveLength(1)
    expect(JSON.stringify([fault, context.host.ran])).not.toContain(encoded)
  })

  it('says which path is too long for a socket', async () => {
    const { context } = await hostWith({})
    const driver = libvirtDriver({ ...context, instancesPath: `/${'a'.repeat(80)}` })
    expect(() => driver.spawn(aGuest())).toThrow(/has 130 bytes, the kernel takes 107/)
  })
})
