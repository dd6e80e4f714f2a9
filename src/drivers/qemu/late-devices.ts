/**
 * Devices that a guest got after its first start. They come after all others, so that what came with the guest keeps its
 * places; on q35 in ports, which let them go again.
 */
import type { GuestNic, GuestSpec } from '../driver.ts'
import { placedDisks, serialOf } from '../guest-disk.ts'
import type { DeviceLayout } from '../guest-record.ts'
import { type OptionValue, optionString } from '../option-string.ts'
import { extraDiskArguments } from './disk-arguments.ts'
import type { GuestPaths } from './guest-paths.ts'
import { nicDevice, nicForward } from './nic-device.ts'

/** Ports of q35 for devices that come while the guest runs; pc needs none. */
const sparePorts = 4
export const portName = (index: number): string => `spare${index}`

type Place = Record<string, OptionValue>

/** Interfaces but the first, and extra disks. A guest that goes on, and does not boot, has them where `layout` says. */
export function lateArguments(spec: GuestSpec, paths: GuestPaths, layout: DeviceLayout | undefined): string[] {
  const extra = placedDisks(spec, paths).filter(({ disk }) => disk.role === 'extra')
  const late = [
    ...spec.nics.slice(1).map((nic, index) => ({ key: nic.mac, at: (place: Place) => nicArguments(nic, index + 1, place) })),
    ...extra.map((placed) => ({ key: serialOf(placed), at: (place: Place) => extraDiskArguments(placed, place) })),
  ]
  const placeOf = (key: string, index: number): Place => {
    const known = layout?.places.find((place) => place.key === key)
    if (known) return { bus: known.bus, addr: known.address }
    return spec.machine === 'pc' ? {} : { bus: portName(index) }
  }
  const ports = spec.machine === 'pc' ? 0 : (layout?.ports ?? late.length + sparePorts)
  return [...portArguments(ports), ...late.flatMap(({ key, at }, index) => at(placeOf(key, index)))]
}

const portArguments = (count: number): string[] =>
  Array.from({ length: count }, (_, index) => [
    '-device',
    optionString('pcie-root-port', { id: portName(index), chassis: index + 1 }),
  ]).flat()

/** A nic of a guest that starts. */
export function nicArguments(nic: GuestNic, index: number, place: Place = {}): string[] {
  const id = `net${index}`
  return [
    ...['-netdev', optionString('user', { id, hostfwd: nicForward(nic) })],
    // Without a boot ROM: loading iPXE costs seconds and nothing here boots from the network.
    ...['-device', optionString(nicDevice(nic), { id: `nic${index}`, netdev: id, mac: nic.mac, ...place, romfile: '' })],
  ]
}
