/** Live moves between two hosts reached by ssh, by each way, beside the same moves by hand: bare commands to qemu, in clear. */
import type { GuestSpec, LiveOrder } from '../../src/drivers/driver.ts'
import { guestDirectory } from '../../src/drivers/guest-directory.ts'
import { writeGuestRecord } from '../../src/drivers/guest-record.ts'
import { qemuArguments } from '../../src/drivers/qemu/arguments.ts'
import type { QemuContext } from '../../src/drivers/qemu/context.ts'
import { guestPaths } from '../../src/drivers/qemu/guest-paths.ts'
import { qemuDriver } from '../../src/drivers/qemu/index.ts'
import { fieldsOf } from '../../src/drivers/qemu/json-lines.ts'
import { type Qmp, withQmp } from '../../src/drivers/qemu/qmp.ts'
import { qemuProgram } from '../../src/drivers/qemu-program.ts'
import { systemRandom } from '../../src/system/random.ts'
import { aDisk } from '../support/a-guest.ts'
import { directGuest, loginPrompt } from '../support/bootable-guest.ts'
import { eventually } from '../support/eventually.ts'
import { realTime } from '../support/host-directory.ts'
import { type Rig, startRig } from '../support/rig/rig.ts'
import { rigSshHost } from '../support/rig/rig-ssh.ts'
import type { Row } from './row.ts'

const budget = 1.1
const instancesPath = '/var/lib/nova/instances'
const plain = { storage: 'copy', maxDowntimeMs: null, bandwidth: null, autoConverge: false, postCopy: false } as const
const transports = ['tunnel', 'tls', 'tcp'] as const
const waitMs = 60_000

interface Taken {
  readonly wall: number
  readonly downtime: number
}

interface Lab {
  readonly rig: Rig
  readonly spec: GuestSpec
  readonly contexts: readonly QemuContext[]
  at: number
}

/** Medians in milliseconds of `rounds` moves each way of a guest of 128 MiB, taken in turns. */
export async function benchLive(rounds = 5): Promise<Row[]> {
  const lab = await openLab()
  const ways = new Map<string, Taken[]>([...transports, 'by hand'].map((way) => [way, []]))
  for (let round = 0; round < rounds; round += 1) {
    for (const [way, taken] of ways) taken.push(await move(lab, way))
  }
  for (const context of lab.contexts) {
    await qemuDriver(context).destroy(lab.spec.id)
    await context.host.close()
  }
  await lab.rig.down()
  const of = (way: string, what: keyof Taken) => median((ways.get(way) ?? []).map((taken) => taken[what]))
  return (['wall', 'downtime'] as const).flatMap((what) =>
    transports.map((way) => {
      const [value, comparison] = [of(way, what), of('by hand', what)]
      const ratio = value / comparison
      const work = `live move by ${way}, ${what === 'wall' ? 'whole' : what}`
      return {
        work,
        value,
        unit: 'ms',
        comparedWith: 'qmp by hand',
        comparison,
        ratio,
        budget: `≤ ${budget}×`,
        met: ratio <= budget,
      }
    }),
  )
}

async function openLab(): Promise<Lab> {
  const rig = await startRig(2)
  const contexts = [1, 2].map((number): QemuContext => {
    const host = rigSshHost(rig, rig.host(number))
    return { host, instancesPath, clock: realTime, random: systemRandom, virtType: 'qemu' }
  })
  const [first, second] = contexts.map(qemuDriver)
  if (first === undefined || second === undefined) throw new Error('the rig has two hosts')
  const spec = await directGuest(first, { disks: [aDisk({ bytes: 64 * 1024 ** 2 })], rng: true })
  await directGuest(second)
  await second.inventory()
  await first.createDisks(spec)
  const write = ['qemu-io', '-f', 'qcow2', '-c', 'write -P 0xab 1M 8M', `${instancesPath}/${spec.id}/disk`]
  await contexts[0]?.host.run(write)
  await first.spawn(spec)
  await loginPrompt(first, spec.id)
  return { rig, spec, contexts, at: 0 }
}

async function move(lab: Lab, way: string): Promise<Taken> {
  const [source, target] = [lab.contexts[lab.at], lab.contexts[1 - lab.at]]
  if (source === undefined || target === undefined) throw new Error('the rig has two hosts')
  const address = lab.rig.host(2 - lab.at).address
  const order: LiveOrder = { ...plain, transport: transports.find((transport) => transport === way) ?? 'tcp' }
  await qemuDriver(target).makeRoom(lab.spec, order)
  const start = performance.now()
  const downtime =
    way === 'by hand'
      ? await moveByHand(source, target, lab.spec, address)
      : (await qemuDriver(source).moveLive(lab.spec.id, { host: target.host, instancesPath, address }, lab.spec, order, () => {}))
          .downtimeMs
  const wall = performance.now() - start
  await qemuDriver(source).leave(lab.spec.id, 'copy')
  lab.at = 1 - lab.at
  return { wall, downtime: downtime ?? Number.NaN }
}

/** As a person with both monitors open would do it: one session each, nothing checked. Resolves with the downtime. */
async function moveByHand(source: QemuContext, target: QemuContext, spec: GuestSpec, address: string): Promise<number> {
  const paths = guestPaths(target, spec.id)
  const record = { spec, rescue: null }
  await writeGuestRecord(target, guestDirectory(target, spec.id), record)
  const argv = [qemuProgram, ...qemuArguments(spec, paths, { accelerator: 'tcg', sandbox: true }), '-S', '-incoming', 'defer']
  const script = 'cd -- "$1" && echo $$ >qemu.pid && shift && exec "$@" </dev/null >qemu.log 2>&1'
  await target.host.run(['setsid', '--fork', 'sh', '-c', script, 'launch', paths.directory, ...argv])
  await eventually('the monitor', async () => withQmp(target, paths.monitor, async () => true).catch(() => false))
  return withQmp(source, paths.monitor, (here) => withQmp(target, paths.monitor, (there) => moveBy({ here, there, address })))
}

async function moveBy({ here, there, address }: { readonly here: Qmp; readonly there: Qmp; readonly address: string }) {
  const server = { type: 'inet', host: address, port: '10809' }
  await there.execute('nbd-server-start', { addr: { type: 'inet', data: { host: address, port: '10809' } } })
  await there.execute('block-export-add', { type: 'nbd', id: 'e', 'node-name': 'root', name: 'root', writable: true })
  await here.execute('blockdev-add', { driver: 'nbd', 'node-name': 't', server, export: 'root' })
  await here.execute('blockdev-mirror', { 'job-id': 'm', device: 'root', target: 't', sync: 'full' })
  await here.event(['BLOCK_JOB_READY'], waitMs)
  const capabilities = ['pause-before-switchover', 'events'].map((capability) => ({ capability, state: true }))
  for (const side of [here, there]) await side.execute('migrate-set-capabilities', { capabilities })
  await here.execute('migrate-set-parameters', { 'max-bandwidth': 2 ** 50, 'tls-creds': '' })
  await there.execute('migrate-incoming', { uri: `tcp:${address}:49200` })
  await here.execute('migrate', { uri: `tcp:${address}:49200` })
  await migrated(here, 'pre-switchover')
  await here.execute('block-job-cancel', { device: 'm' })
  await here.event(['BLOCK_JOB_COMPLETED'], waitMs)
  await here.execute('migrate-continue', { state: 'pre-switchover' })
  await migrated(here, 'completed')
  const left = performance.now()
  await migrated(there, 'completed')
  await there.execute('nbd-server-stop')
  await there.execute('cont')
  const landed = performance.now() - left
  const downtime = Number(fieldsOf(await here.execute('query-migrate'))?.get('downtime'))
  await here.execute('quit')
  return downtime + landed
}

async function migrated(qmp: Qmp, status: string): Promise<void> {
  while (fieldsOf((await qmp.event(['MIGRATION'], waitMs)).get('data'))?.get('status') !== status);
}

const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN
