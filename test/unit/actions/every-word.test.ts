/** S13: every text of every action's declaration, with words that look like options: what reaches a host, and what does not. */
import { describe, expect, it } from 'vitest'
import { create } from '../../../src/actions/server/create.ts'
import { remove } from '../../../src/actions/server/delete.ts'
import { sshArguments } from '../../../src/cli/open-ssh.ts'
import type { ComputeRequest } from '../../../src/compute/client.ts'
import type { AnyAction } from '../../../src/core/action.ts'
import { asFault, Fault } from '../../../src/core/fault.ts'
import { type Field, fieldsOf } from '../../../src/core/schema.ts'
import type { GuestSpec } from '../../../src/drivers/driver.ts'
import { qemuArguments } from '../../../src/drivers/qemu/arguments.ts'
import { guestPaths } from '../../../src/drivers/qemu/guest-paths.ts'
import { aCloud } from '../../support/a-cloud.ts'
import { given, performed, recordsOf, type TestContext } from '../../support/a-context.ts'
import { aFlavor } from '../../support/a-flavor.ts'
import { anImage } from '../../support/an-image.ts'
import { everyAction } from '../../support/open-doors.ts'

const mark = 'w0rd'
const words = [`-o${mark}=id`, `--${mark}`, `-${mark}`]

/** Every text in a call's arguments that begins with such a word, by its place. */
function placesIn(value: unknown, place: string): string[] {
  if (typeof value === 'string') return value.startsWith('-') && value.includes(mark) ? [place] : []
  if (Array.isArray(value)) return value.flatMap((item) => placesIn(item, `${place}[]`))
  return Object.entries(Object(value)).flatMap(([key, item]) => [
    ...placesIn(key, `${place}{}`),
    ...placesIn(item, `${place}.${key}`),
  ])
}

/** A complete input, with `word` in one field. */
function inputWith(action: AnyAction, field: Field, word: string): object {
  const fields = fieldsOf(action.input).filter(({ required, name }) => required || name === field.name)
  return Object.fromEntries(fields.map((each) => [each.name, each.name === field.name ? shaped(each, word) : plausible(each)]))
}
const shaped = ({ kind }: Field, word: string) =>
  kind === 'list' ? [word] : kind === 'pairs' ? [[word, word], ...knownKeys.map((key) => [key, word])] : word
const plausible = ({ kind, name, options, minimum }: Field): unknown =>
  ({
    string: things.get(name) ?? 'web-1',
    number: minimum ?? 1,
    integer: minimum ?? 1,
    boolean: false,
    enum: options[0],
    list: [things.get(name) ?? 'web-1'],
    pairs: [['a', 'b']],
  })[kind]
const things: ReadonlyMap<string, string> = new Map([
  ...(['image', 'images'] as const).map((field) => [field, 'cirros'] as const),
  ...(['flavor', 'flavors'] as const).map((field) => [field, 'm1.small'] as const),
  ...(['host', 'hosts', 'toHost'] as const).map((field) => [field, 'host-a'] as const),
])

/** What a guest's definition is made from, of image properties and extra specs. */
const knownKeys = [
  ...['hw_cpu_model', 'hw_disk_bus', 'hw_firmware_type', 'hw_machine_type', 'hw_video_model', 'hw_vif_model', 'os_command_line'],
  ...[
    'hw:cpu_model',
    'hw:mem_page_size',
    'hw_rng:allowed',
    'hw:watchdog_action',
    'quota:cpu_shares',
    'os:secure_boot',
    'architecture',
  ],
]

async function world() {
  const calls: ComputeRequest[] = []
  const { context, hosts, process } = await aCloud(['host-a', 'host-b'], { onCall: (request) => void calls.push(request) })
  const reached = () => calls.flatMap(({ method, args, host }) => placesIn({ args, host }, method))
  return { context, hosts, process, calls, reached }
}

/** The names that records took, and where hosts are said to be. */
const namesIn = async ({ store }: TestContext) => [
  ...(await recordsOf(store, 'servers')).map(({ name, hostname }) => [name, hostname]),
  ...(await recordsOf(store, 'hosts')).map(({ name, address, jump }) => [name, address, jump]),
]

const texts = ({ kind }: Field) => kind === 'string' || kind === 'list' || kind === 'pairs'
/** They wait for somebody; their texts name servers as those of others do. */
const waiting = new Set(['server.wait'])
const boot = { name: 'web-1', image: 'cirros', flavor: 'm1.small' }

describe('S13 words that look like options', () => {
  it('reach a host from no text field of any action but a password, which is no argument', async () => {
    const reached: string[] = []
    let asked = 0
    for (const action of await everyAction()) {
      if (waiting.has(action.name)) continue
      const { context, hosts, reached: there } = await world()
      await performed(create, boot, context)
      for (const field of fieldsOf(action.input).filter(texts))
        for (const word of words) {
          asked += 1
          await performed(action, inputWith(action, field, word), context).catch((error: unknown) => asFault(error))
        }
      reached.push(...there())
      expect([...hosts.values()].flatMap(({ ran }) => ran)).toEqual([])
      expect(placesIn(await namesIn(context), action.name)).toEqual([])
    }
    expect(asked).toBeGreaterThan(300)
    expect([...new Set(reached)]).toEqual(['setPassword.args.password'])
  }, 120_000)

  it.each(words)('as every property of an image and extra spec of a flavor begin no argument of a guest: %s', async (word) => {
    const { context, process, calls, reached } = await world()
    for (const [index, key] of knownKeys.entries()) {
      const properties: [string, string][] = [[key, word]]
      for (const format of ['qcow2', 'kernel'] as const)
        await given(
          context,
          'images',
          anImage({ id: `${format}${index}`, name: `${format}${index}`, projectId: 'p1', format, properties }),
        )
      await given(context, 'flavors', aFlavor({ id: `f${index}`, name: `f${index}`, disk: 5, extraSpecs: properties }))
      for (const [nth, input] of [{ image: `qcow2${index}` }, { flavor: `f${index}` }, { image: `kernel${index}` }].entries()) {
        const own = process(10 * index + nth + 2)
        const name = `web-${index}-${nth}`
        const booted = await performed(create, { ...boot, ...input, name }, own).catch((error: unknown) => asFault(error))
        if (!(booted instanceof Fault)) await performed(remove, { servers: [name] }, own)
      }
    }
    const places = new Set(reached().map((place) => place.replace(/^\w+\./, '')))
    expect([...places].sort()).toEqual(['args.spec.cpuModel', 'args.spec.kernel.commandLine'])
    const specs = calls.flatMap(({ args }): GuestSpec[] => Reflect.get(Object(args), 'spec') ?? [])
    const argvOf = (spec: GuestSpec) =>
      qemuArguments(spec, guestPaths({ instancesPath: '/i' }, spec.id), { accelerator: 'tcg', sandbox: true })
    for (const spec of specs.filter(({ cpuModel }) => cpuModel === word)) expect(() => argvOf(spec)).toThrow('is not a name')
    const argvs = specs.filter(({ kernel }) => kernel?.commandLine === word).map(argvOf)
    expect(argvs.length).toBeGreaterThan(0)
    for (const argv of argvs) expect(argv.flatMap((text, at) => (text.includes(mark) ? [argv[at - 1]] : []))).toEqual(['-append'])
  })

  it('are values of the user’s own ssh: behind an option that takes one, or behind --', () => {
    const [word = ''] = words
    const argv = sshArguments({ server: 'id', address: '127.0.0.1', port: 1, login: 'root', identity: word, command: [word] })
    expect(argv.slice(0, 2)).toEqual(['-i', word])
    expect(argv.indexOf(word, 2)).toBeGreaterThan(argv.indexOf('--'))
  })
})
