/**
 * A running guest moves between two libvirt hosts: by the driver, and by `virsh migrate` as a person types it, both encrypted and in
 * clear. What a person has to open for that is open before the clock starts.
 */
import type { GuestPlace, GuestSpec, LiveOrder } from '../../src/drivers/driver.ts'
import { type LibvirtDriver, libvirtDriver } from '../../src/drivers/libvirt/index.ts'
import { aDisk } from '../support/a-guest.ts'
import { diskGuest, loginPrompt } from '../support/bootable-guest.ts'
import { handTunnel } from '../support/hand-tunnel.ts'
import { libvirtPair } from '../support/libvirt-pair.ts'
import { type Rig, startRig } from '../support/rig/rig.ts'
import { rigObstacle } from '../support/rig/rig-obstacle.ts'
import { giveCertificates } from '../support/rig-certificates.ts'
import { typeLine } from '../support/serial-console.ts'
import { type ByHand, compareWays, isOurs, type Taken, type Way } from './live-ways.ts'
import type { Row } from './row.ts'

const plain = { storage: 'copy', maxDowntimeMs: null, bandwidth: null, autoConverge: false, postCopy: false } as const

interface Lab {
  readonly rig: Rig
  /** By the number of the host, from 1. */
  driver(number: number): LibvirtDriver
  place(number: number): GuestPlace
}

/** MiB of the guests, and how many of them are in use. */
const sizes = [
  [128, 0],
  [1024, 700],
] as const

/** Medians of `rounds` moves each way, half as many of guests in use, taken in turns; every move goes to the host where the guest is not. */
export async function benchLibvirtLive(rounds = 5, guests: readonly (readonly [number, number])[] = sizes): Promise<Row[]> {
  const obstacle = rigObstacle('libvirt')
  if (obstacle !== undefined) throw new Error(obstacle)
  const rig = await startRig(2, 'libvirt')
  try {
    await giveCertificates(rig)
    const pair = libvirtPair(rig)
    const contexts = [pair.contexts.here, pair.contexts.there]
    const contextOf = (number: number) => contexts[number - 1] ?? pair.contexts.here
    const place = (number: number) => ({ ...contextOf(number), address: rig.host(number).address })
    const lab: Lab = { rig, driver: (number) => libvirtDriver(contextOf(number)), place }
    const rows: Row[] = []
    for (const [ram, used] of guests) rows.push(...(await compare(lab, ram, used, used > 0 ? Math.ceil(rounds / 2) : rounds)))
    await pair.close()
    return rows
  } finally {
    await rig.down()
  }
}

async function compare(lab: Lab, ram: number, used: number, rounds: number): Promise<Row[]> {
  const guest = await running(lab, ram, used)
  let at = 1
  const travel = async (way: Way) => {
    const to = 3 - at
    await lab.driver(to).makeRoom(guest, { ...plain, transport: isOurs(way) ? way : 'tunnel' })
    const move = await (isOurs(way) ? moveByDriver(lab, guest, at, way) : moveByHand(lab, guest, at, way))
    await lab.driver(at).leave(guest.id, 'copy')
    at = to
    return move
  }
  // Each libvirt asks its QEMU once what it can do.
  for (const way of ['in clear', 'in clear'] as const) await travel(way)
  const work = `live move of a ${ram} MiB guest${used > 0 ? `, ${used} MiB in use,` : ''}`
  const rows = await compareWays({ rounds, work, comparedWith: 'virsh migrate by hand', move: travel })
  await lab.driver(at).destroy(guest.id)
  return rows
}

async function running(lab: Lab, ram: number, used: number): Promise<GuestSpec> {
  const [here, there] = [lab.driver(1), lab.driver(2)]
  const template = await diskGuest(here, { ram })
  await diskGuest(there)
  const guest = { ...template, disks: [...template.disks, aDisk({ role: 'ephemeral', bytes: 16 * 1024 ** 2 })] }
  await here.createDisks(guest)
  await here.spawn(guest)
  await loginPrompt(here, guest.id)
  if (used > 0) {
    const console = await lab.place(1).host.connect(await here.consoleSocket(guest.id))
    const fill = `mkdir -p /m; mount -t tmpfs -o size=${used + 50}m m /m; dd if=/dev/urandom of=/m/f bs=1M count=${used}`
    await typeLine(console, `${fill}; echo "<full=$?>"`, '<full=0>', 300_000)
    console.destroy()
  }
  return guest
}

async function moveByDriver(lab: Lab, guest: GuestSpec, at: number, transport: LiveOrder['transport']): Promise<Taken> {
  const start = performance.now()
  const { downtimeMs } = await lab.driver(at).moveLive(guest.id, lab.place(3 - at), guest, { ...plain, transport }, () => {})
  return { wall: performance.now() - start, downtime: downtimeMs ?? Number.NaN }
}

/** What a person types on the source; the disks to copy into are there. */
async function moveByHand(lab: Lab, guest: GuestSpec, at: number, way: ByHand): Promise<Taken> {
  const to = 3 - at
  const virsh = (number: number, ...words: string[]) =>
    lab.rig.host(number).entering('env', 'LC_ALL=C', 'virsh', '-q', '-c', 'qemu:///system', ...words)
  const tunnel = way === 'through ssh -L and -R' ? await handTunnel(lab.rig, at, to) : undefined
  const destination = tunnel
    ? [
        `qemu+unix:///system?socket=${tunnel.control}`,
        ...['--migrateuri', `unix://${tunnel.memory}`, '--disks-uri', `unix://${tunnel.disks}`],
      ]
    : [`qemu+tcp://${lab.rig.host(to).name}/system`]
  const flags = [
    '--live',
    '--p2p',
    '--persistent',
    '--undefinesource',
    '--copy-storage-inc',
    ...(way === 'by TLS' ? ['--tls'] : []),
  ]
  const start = performance.now()
  await virsh(at, 'migrate', guest.id, ...flags, ...destination)
  const wall = performance.now() - start
  tunnel?.close()
  const [, downtime] = /^Total downtime: +(\d+)/m.exec(await virsh(to, 'domjobinfo', guest.id, '--completed')) ?? []
  // The driver's own moves begin with the record of the host where the guest is.
  await lab.place(to).host.run(['sh', '-c', 'cat >"$1"', 'sh', `${lab.place(to).instancesPath}/${guest.id}/guest.json`], {
    stdin: JSON.stringify({ spec: guest, rescue: null }),
  })
  return { wall, downtime: Number(downtime) }
}
