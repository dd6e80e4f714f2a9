/** Interfaces and extra disks of a fake guest: its definition is all that there is. */
import { Fault } from '../../core/fault.ts'
import type { GuestNic, GuestSpec, HotPlug } from '../driver.ts'
import { withoutDisk } from '../guest-disk.ts'
import type { Guest } from './guest.ts'

interface FakeTools {
  existing(id: string): Promise<Guest>
  change(id: string, next: (guest: Guest) => Guest): Promise<void>
}

/** The fake's side of what is plugged in and out. */
export function fakeHotPlug({ existing, change }: FakeTools): HotPlug {
  const withNics = async (id: string, next: (nics: GuestSpec['nics']) => GuestSpec['nics']) => {
    await existing(id)
    await change(id, (guest) => ({ ...guest, spec: guest.spec && { ...guest.spec, nics: next(guest.spec.nics) } }))
  }
  const without = (nics: readonly GuestNic[], mac: string) => nics.filter((nic) => nic.mac !== mac)
  return {
    attachNic: (id, nic) => withNics(id, (nics) => [...without(nics, nic.mac), nic]),
    detachNic: (id, mac) => withNics(id, (nics) => without(nics, mac)),
    async attachDisk(id, disk, { mustExist } = { mustExist: false }) {
      const { spec } = await existing(id)
      if (spec?.disks.some(({ serial }) => serial === disk.serial)) return
      if (mustExist) throw new Fault('not-found', `guest ${id} has no disk ${disk.serial}: its file is gone`)
      // Two processes may be asked at once, of whom one is held for dead.
      await change(id, (guest) =>
        withDisks(guest, (now) => ({ ...now, disks: [...withoutDisk(now, disk.serial ?? '').disks, disk] })),
      )
    },
    async detachDisk(id, serial) {
      await existing(id)
      await change(id, (guest) => withDisks(guest, (now) => withoutDisk(now, serial)))
    },
  }
}

/** The guest with another definition, and the files that this has. */
function withDisks(guest: Guest, next: (spec: GuestSpec) => GuestSpec): Guest {
  const spec = guest.spec && next(guest.spec)
  return { ...guest, spec, disks: spec ? spec.disks.map(({ role }) => role) : guest.disks }
}
