/** A real boot through the driver, from nothing but a cached image to the login prompt, beside qemu with the same arguments. */
import { spawn } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { accelerationFor } from '../../src/drivers/accelerator.ts'
import type { GuestSpec } from '../../src/drivers/driver.ts'
import { qemuArguments } from '../../src/drivers/qemu/arguments.ts'
import { guestPaths } from '../../src/drivers/qemu/guest-paths.ts'
import { qemuProgram } from '../../src/drivers/qemu-program.ts'
import { systemRandom } from '../../src/system/random.ts'
import { aDisk, aNic } from '../support/a-guest.ts'
import { directGuest, diskGuest } from '../support/bootable-guest.ts'
import { qemuHost } from '../support/qemu-host.ts'
import type { Row } from './row.ts'

const budget = 1.15
const configFiles = [{ path: 'openstack/latest/meta_data.json', content: '{"hostname": "bench.novalocal"}' }]

/** Medians in milliseconds of `rounds` boots each way, taken in turns. */
export async function benchBoot(rounds = 5): Promise<Row[]> {
  const lab = qemuHost()
  try {
    const direct = await directGuest(lab.driver(), { rng: true })
    const disk = await diskGuest(lab.driver(), { machine: 'q35', rng: true })
    return [
      await compare(lab, 'boot by kernel to the login prompt', direct, rounds),
      await compare(lab, 'boot by disk to the login prompt', disk, rounds),
    ]
  } finally {
    await lab.cleanup()
  }
}

type Lab = ReturnType<typeof qemuHost>

async function compare(lab: Lab, work: string, template: GuestSpec, rounds: number): Promise<Row> {
  const ours: number[] = []
  const raw: number[] = []
  for (let round = 0; round < rounds; round += 1) {
    ours.push(await bootByDriver(lab, template))
    raw.push(await bootByHand(lab, template))
  }
  const [value, comparison] = [median(ours), median(raw)]
  const ratio = value / comparison
  return { work, value, unit: 'ms', comparedWith: 'raw qemu', comparison, ratio, budget: `≤ ${budget}×`, met: ratio <= budget }
}

/** Everything the driver does for a new guest whose image the host has. */
async function bootByDriver(lab: Lab, template: GuestSpec): Promise<number> {
  const start = performance.now()
  const guest = await prepared(lab, template)
  await lab.driver().spawn(guest)
  await prompt(lab, guest)
  const taken = performance.now() - start
  await lab.driver().destroy(guest.id)
  return taken
}

/** The process alone: disks, config drive and port are there before the clock starts. */
async function bootByHand(lab: Lab, template: GuestSpec): Promise<number> {
  const guest = await prepared(lab, template)
  const paths = guestPaths(lab.context, guest.id)
  const argv = qemuArguments(guest, paths, await accelerationFor(lab.context, 'auto'))
  const start = performance.now()
  const process = spawn(qemuProgram, argv, { cwd: paths.directory, stdio: 'ignore' })
  await prompt(lab, guest)
  const taken = performance.now() - start
  process.kill('SIGKILL')
  await lab.driver().destroy(guest.id)
  return taken
}

async function prepared(lab: Lab, template: GuestSpec): Promise<GuestSpec> {
  const driver = lab.driver()
  const id = systemRandom.uuid()
  const nics = [aNic({ sshPort: await driver.reservePort(id) })]
  const guest = { ...template, id, nics, disks: [...template.disks, aDisk({ role: 'config', bytes: 0 })] }
  await driver.createDisks(guest)
  await driver.createConfigDrive(id, configFiles)
  return guest
}

async function prompt(lab: Lab, { id }: GuestSpec): Promise<void> {
  const { log } = guestPaths(lab.context, id)
  const end = performance.now() + 120_000
  while (!(existsSync(log) && readFileSync(log, 'latin1').includes('login:'))) {
    if (performance.now() > end) throw new Error(`guest ${id} showed no prompt within 120 s`)
    await sleep(5)
  }
}

const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN
