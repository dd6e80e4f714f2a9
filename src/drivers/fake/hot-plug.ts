/** Interfaces of a fake guest: its definition is all that there is. */
import type { GuestNic, GuestSpec, HotPlug } from '../driver.ts'
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
  }
}
