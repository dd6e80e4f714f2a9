/** A running guest moves between two libvirt hosts: through the controller's tunnel, beside `virsh migrate` by hand in clear. */
import type { GuestPlace, GuestSpec, LiveOrder, LiveResult } from '../../src/drivers/driver.ts'
import { type LibvirtDriver, libvirtDriver } from '../../src/drivers/libvirt/index.ts'
import { aDisk } from '../support/a-guest.ts'
import { diskGuest, loginPrompt } from '../support/bootable-guest.ts'
import { libvirtPair } from '../support/libvirt-pair.ts'
import { type Rig, startRig } from '../support/rig/rig.ts'
import { rigObstacle } from '../support/rig/rig-obstacle.ts'
import { typeLine } from '../support/serial-console.ts'
import type { Row } from './row.ts'

const budget = 1.1
const order: LiveOrder = {
  transport: 'tunnel',
  storage: 'copy',
  maxDowntimeMs: null,
  bandwidth: null,
  autoConverge: false,
  postCopy: false,
}

interface Lab {
  readonly rig: Rig
  /** By the number of the host, from 1. */
  driver(number: number): LibvirtDriver
  place(number: number): GuestPlace
}

interface Taken {
  readonly wall: number
  readonly downtime: number
}

/** MiB of the guests, and how many of them are in use. */
const sizes = [
  [128, 0],
  [1024, 700],
] as const

/** Medians of `rounds` moves each way, taken in turns; every move goes to the host where the guest is not. */
export async function benchLibvirtLive(rounds = 5, guests: readonly (readonly [number, number])[] = sizes): Promise<Row[]> {
  const obstacle = rigObstacle('libvirt')
  if (obstacle !== undefined) throw new Error(obstacle)
  const rig = await startRig(2, 'libvirt')
  try {
    const pair = libvirtPair(rig)
    const contexts = [pair.contexts.here, pair.contexts.there]
    const contextOf = (number: number) => contexts[number - 1] ?? pair.contexts.here
    const lab: Lab = { rig, driver: (number) => libvirtDriver(contextOf(number)), place: contextOf }
    const rows: Row[] = []
    for (const [ram, used] of guests) rows.push(...(await compare(lab, ram, used, rounds)))
    await pair.close()
    return rows
  } finally {
    await rig.down()
  }
}

async function compare(lab: Lab, ram: number, used: number, rounds: number): Promise<Row[]> {
  const guest = await running(lab, ram, used)
  const ours: Taken[] = []
  const byHand: Taken[] = []
  let at = 1
  for (let round = 0; round < rounds * 2; round += 1) {
    const to = 3 - at
    await lab.driver(to).makeRoom(guest, order)
    if (round % 2 === 0) ours.push(await moveByDriver(lab, guest, at, to))
    else byHand.push(await moveByHand(lab, guest, at, to))
    await lab.driver(at).leave(guest.id, 'copy')
    at = to
  }
  await lab.driver(at).destroy(guest.id)
  const what = `${ram} MiB guest${used > 0 ? `, ${used} MiB in use` : ''}`
  return [
    row(
      `live move of a ${what}: wall`,
      ours.map(({ wall }) => wall),
      byHand.map(({ wall }) => wall),
    ),
    row(
      `live move of a ${what}: downtime`,
      ours.map(({ downtime }) => downtime),
      byHand.map(({ downtime }) => downtime),
    ),
  ]
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

async function moveByDriver(lab: Lab, guest: GuestSpec, at: number, to: number): Promise<Taken> {
  const start = performance.now()
  const { downtimeMs }: LiveResult = await lab.driver(at).moveLive(guest.id, lab.place(to), guest, order, () => {})
  return { wall: performance.now() - start, downtime: downtimeMs ?? Number.NaN }
}

/** What a person types on the source; the disks to copy into are there. */
async function moveByHand(lab: Lab, guest: GuestSpec, at: number, to: number): Promise<Taken> {
  const virsh = (number: number, ...words: string[]) =>
    lab.rig.host(number).enter('env', 'LC_ALL=C', 'virsh', '-q', '-c', 'qemu:///system', ...words)
  const uri = `qemu+tcp://${lab.rig.host(to).name}/system`
  const flags = ['--live', '--p2p', '--persistent', '--undefinesource', '--copy-storage-inc']
  const start = performance.now()
  virsh(at, 'migrate', guest.id, uri, ...flags)
  const wall = performance.now() - start
  const [, downtime] = /^Total downtime: +(\d+)/m.exec(virsh(to, 'domjobinfo', guest.id, '--completed')) ?? []
  // The driver's own moves begin with the record of the host where the guest is.
  await lab.place(to).host.run(['sh', '-c', 'cat >"$1"', 'sh', `${lab.place(to).instancesPath}/${guest.id}/guest.json`], {
    stdin: JSON.stringify({ spec: guest, rescue: null }),
  })
  return { wall, downtime: Number(downtime) }
}

function row(work: string, ours: number[], byHand: number[]): Row {
  const [value, comparison] = [median(ours), median(byHand)]
  const ratio = value / comparison
  return {
    work,
    value,
    unit: 'ms',
    comparedWith: 'virsh migrate by hand',
    comparison,
    ratio,
    budget: `≤ ${budget}×`,
    met: ratio <= budget,
  }
}

const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN
