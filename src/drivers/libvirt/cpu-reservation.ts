/**
 * CPUs of the host that pinned guests have for themselves. A reservation is a symbolic link named after the CPU that points
 * at the guest's id: making a link is atomic, so two processes never take the same one.
 */
import { Fault } from '../../core/fault.ts'
import type { Inventory } from '../../model/host.ts'
import type { GuestSpec } from '../driver.ts'
import type { DriverContext } from '../driver-context.ts'
import { type Pinning, pinCpus } from './place-cells.ts'

/** Others may be faster that often before we give up. */
const tries = 8

/** The guest's CPUs: those it has, or free ones from now on. `no-valid-host` when too few are free. */
export async function reserveCpus(context: DriverContext, spec: GuestSpec, host: Inventory['numaCells']): Promise<Pinning> {
  const cells = spec.hardware?.cells ?? []
  await context.host.mkdir(reservations(context))
  for (let attempt = 0; attempt < tries; attempt += 1) {
    const taken = await cpuOwners(context)
    const others = new Set([...taken].flatMap(([cpu, owner]) => (owner === spec.id ? [] : [cpu])))
    const own = [...taken].filter(([, owner]) => owner === spec.id).map(([cpu]) => cpu)
    if (own.length === spec.vcpus) return pinCpus(spec.vcpus, cells, only(own, host), others)
    if (own.length > 0) await releaseCpus(context, spec.id)
    const chosen = pinCpus(spec.vcpus, cells, host, others)
    if (await take(context, spec.id, chosen.pins)) return chosen
    await releaseCpus(context, spec.id)
  }
  throw new Fault('conflict', `host ${context.host.name}: other guests took the CPUs of ${spec.id} ${tries} times`)
}

/** The host with the CPUs in `own` alone. */
const only = (own: readonly number[], host: Inventory['numaCells']) =>
  host.map((cell) => ({ ...cell, cpus: cell.cpus.filter((cpu) => own.includes(cpu)) }))

async function take(context: DriverContext, id: string, pins: readonly number[]): Promise<boolean> {
  for (const cpu of pins) {
    const link = await context.host.run(['ln', '-s', '--', id, `${reservations(context)}/${cpu}`], { okExitCodes: [0, 1] })
    if (link.exitCode !== 0) return false
  }
  return true
}

/** Gives the guest's CPUs back; silent when it has none. */
export async function releaseCpus(context: DriverContext, id: string): Promise<void> {
  if (!(await context.host.stat(reservations(context)))) return
  for (const [cpu, owner] of await cpuOwners(context)) {
    if (owner === id) await context.host.remove(`${reservations(context)}/${cpu}`)
  }
}

const reservations = ({ instancesPath }: DriverContext) => `${instancesPath}/.cpus`

async function cpuOwners(context: DriverContext): Promise<Map<number, string>> {
  const argv = ['find', reservations(context), '-mindepth', '1', '-maxdepth', '1', '-type', 'l', '-printf', '%f %l\\n']
  const { stdout } = await context.host.run(argv, { effect: 'read', okExitCodes: [0, 1] })
  return new Map(
    [...stdout.matchAll(/^(\d{1,6}) ([0-9a-f-]{36})$/gm)].map(([, cpu, owner = '']): [number, string] => [Number(cpu), owner]),
  )
}
