/**
 * Live moves between two hosts reached by ssh, by each way, beside bare commands to qemu that protect as much, or as little. What
 * a person has to open for those is open before the clock starts.
 */
import type { GuestSpec, LiveOrder } from '../../src/drivers/driver.ts'
import { guestDirectory } from '../../src/drivers/guest-directory.ts'
import { writeGuestRecord } from '../../src/drivers/guest-record.ts'
import { qemuArguments } from '../../src/drivers/qemu/arguments.ts'
import type { QemuContext } from '../../src/drivers/qemu/context.ts'
import { guestPaths } from '../../src/drivers/qemu/guest-paths.ts'
import { qemuDriver } from '../../src/drivers/qemu/index.ts'
import { fieldsOf } from '../../src/drivers/qemu/json-lines.ts'
import { ffdhe2048 } from '../../src/drivers/qemu/live-route.ts'
import { type Qmp, withQmp } from '../../src/drivers/qemu/qmp.ts'
import { qemuProgram } from '../../src/drivers/qemu-program.ts'
import { systemRandom } from '../../src/system/random.ts'
import { aDisk } from '../support/a-guest.ts'
import { directGuest, loginPrompt } from '../support/bootable-guest.ts'
import { eventually } from '../support/eventually.ts'
import { handTunnel } from '../support/hand-tunnel.ts'
import { realTime } from '../support/host-directory.ts'
import { type Rig, startRig } from '../support/rig/rig.ts'
import { rigSshHost } from '../support/rig/rig-ssh.ts'
import { type ByHand, compareWays, isOurs, type Taken, type Way } from './live-ways.ts'
import type { Row } from './row.ts'

const instancesPath = '/var/lib/nova/instances'
const plain = { storage: 'copy', maxDowntimeMs: null, bandwidth: null, autoConverge: false, postCopy: false } as const
const waitMs = 60_000

interface Lab {
  readonly rig: Rig
  readonly spec: GuestSpec
  readonly contexts: readonly QemuContext[]
  at: number
}

/** Medians in milliseconds of `rounds` moves each way of a guest of 128 MiB, taken in turns. */
export async function benchLive(rounds = 5): Promise<Row[]> {
  const lab = await openLab()
  const rows = await compareWays({ rounds, work: 'live move', comparedWith: 'qmp by hand,', move: (way) => move(lab, way) })
  for (const context of lab.contexts) {
    await qemuDriver(context).destroy(lab.spec.id)
    await context.host.close()
  }
  await lab.rig.down()
  return rows
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

async function move(lab: Lab, way: Way): Promise<Taken> {
  const [source, target] = [lab.contexts[lab.at], lab.contexts[1 - lab.at]]
  if (source === undefined || target === undefined) throw new Error('the rig has two hosts')
  const address = lab.rig.host(2 - lab.at).address
  const order: LiveOrder = { ...plain, transport: isOurs(way) ? way : 'tcp' }
  await qemuDriver(target).makeRoom(lab.spec, order)
  const open = isOurs(way) ? undefined : await openWay(lab, way, address)
  const start = performance.now()
  const downtime =
    open === undefined
      ? (await qemuDriver(source).moveLive(lab.spec.id, { host: target.host, instancesPath, address }, lab.spec, order, () => {}))
          .downtimeMs
      : await moveByHand(source, target, lab.spec, open)
  const wall = performance.now() - start
  open?.close()
  await qemuDriver(source).leave(lab.spec.id, 'copy')
  lab.at = 1 - lab.at
  return { wall, downtime: downtime ?? Number.NaN }
}

/** Where the two talk: the server's address as qemu has it, the URI of memory, and the directory of a key for both. */
interface OpenWay {
  readonly disks:
    | { readonly type: 'inet'; readonly host: string; readonly port: string }
    | { readonly type: 'unix'; readonly path: string }
  readonly memory: string
  readonly keys: string | undefined
  close(): void
}

async function openWay(lab: Lab, way: ByHand, host: string): Promise<OpenWay> {
  if (way === 'through ssh -L and -R') {
    const { disks: path, memory, close } = await handTunnel(lab.rig, lab.at + 1, 2 - lab.at)
    return { disks: { type: 'unix', path }, memory: `unix:${memory}`, keys: undefined, close }
  }
  const keys = way === 'by TLS' ? '/run/nova-keys' : undefined
  for (const { host: one } of keys === undefined ? [] : lab.contexts) {
    await one.mkdir('/run/nova-keys')
    await one.writeFile('/run/nova-keys/keys.psk', `qemu:${'0123456789abcdef'.repeat(4)}\n`)
    await one.writeFile('/run/nova-keys/dh-params.pem', ffdhe2048)
  }
  return { disks: { type: 'inet', host, port: '10809' }, memory: `tcp:${host}:49200`, keys, close: () => {} }
}

/** As a person with both monitors open would do it: one session each, nothing checked. Resolves with the downtime. */
async function moveByHand(source: QemuContext, target: QemuContext, spec: GuestSpec, way: OpenWay): Promise<number> {
  const paths = guestPaths(target, spec.id)
  const record = { spec, rescue: null }
  await writeGuestRecord(target, guestDirectory(target, spec.id), record)
  const argv = [qemuProgram, ...qemuArguments(spec, paths, { accelerator: 'tcg', sandbox: true }), '-S', '-incoming', 'defer']
  const script = 'cd -- "$1" && echo $$ >qemu.pid && shift && exec "$@" </dev/null >qemu.log 2>&1'
  await target.host.run(['setsid', '--fork', 'sh', '-c', script, 'launch', paths.directory, ...argv])
  await eventually('the monitor', async () => withQmp(target, paths.monitor, async () => true).catch(() => false))
  return withQmp(source, paths.monitor, (here) => withQmp(target, paths.monitor, (there) => moveBy({ here, there, way })))
}

async function moveBy({ here, there, way }: { readonly here: Qmp; readonly there: Qmp; readonly way: OpenWay }) {
  const { disks: server, memory: uri, keys } = way
  const creds = keys === undefined ? {} : { 'tls-creds': 'by-hand' }
  for (const [qmp, endpoint] of keys === undefined
    ? []
    : ([
        [here, 'client'],
        [there, 'server'],
      ] as const))
    await qmp.execute('object-add', { 'qom-type': 'tls-creds-psk', id: 'by-hand', endpoint, dir: keys })
  const { type, ...data } = server
  await there.execute('nbd-server-start', { addr: { type, data }, ...creds })
  await there.execute('block-export-add', { type: 'nbd', id: 'e', 'node-name': 'root', name: 'root', writable: true })
  await here.execute('blockdev-add', { driver: 'nbd', 'node-name': 't', server, export: 'root', ...creds })
  await here.execute('blockdev-mirror', { 'job-id': 'm', device: 'root', target: 't', sync: 'full' })
  await here.event(['BLOCK_JOB_READY'], waitMs)
  const capabilities = ['pause-before-switchover', 'events'].map((capability) => ({ capability, state: true }))
  for (const side of [here, there]) {
    await side.execute('migrate-set-capabilities', { capabilities })
    await side.execute('migrate-set-parameters', { 'max-bandwidth': 2 ** 50, 'tls-creds': '', ...creds })
  }
  await there.execute('migrate-incoming', { uri })
  await here.execute('migrate', { uri })
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
