/** Long work that a rig is tortured with: what comes before it, and the steps at which things go wrong. */
import { bootServer } from '../../../src/flows/boot-server.ts'
import { confirmResize } from '../../../src/flows/confirm-resize.ts'
import { evacuateServer } from '../../../src/flows/evacuate-server.ts'
import type { AnyFlow } from '../../../src/flows/flow.ts'
import { liveMigrateServer } from '../../../src/flows/live-migrate-server.ts'
import { migrateServer, resizeServer } from '../../../src/flows/resize-server.ts'
import { revertResize } from '../../../src/flows/revert-resize.ts'
import { type CloudKind, cloudKinds } from './rig-cloud.ts'

/** Hosts by what they are for the work: 1 is the source, 2 the destination, 3 stands by. */
export interface Names {
  readonly source: string
  readonly destination: string
}

export interface Work {
  readonly name: string
  readonly flow: AnyFlow
  readonly kinds: readonly CloudKind[]
  /** Commands after the boot of `web` on the source; none for the boot itself. */
  readonly before: (names: Names) => readonly string[]
  readonly line: (names: Names) => string
  /** The source is off from the beginning. */
  readonly sourceIsOff?: boolean
}

const own: readonly CloudKind[] = ['qemu', 'libvirt']
const migrate = ({ destination }: Names) => `migrate web --host ${destination}`
const nothing = () => []

export const works: readonly Work[] = [
  {
    name: 'boot',
    flow: bootServer,
    kinds: own,
    before: nothing,
    line: ({ destination }) => `boot web --image small --flavor small --availability-zone :${destination}`,
  },
  { name: 'migrate', flow: migrateServer, kinds: own, before: nothing, line: migrate },
  {
    name: 'resize',
    flow: resizeServer,
    kinds: own,
    before: nothing,
    line: ({ destination }) => `resize web big --host ${destination}`,
  },
  { name: 'revert', flow: revertResize, kinds: own, before: (names) => [migrate(names)], line: () => 'resize-revert web --yes' },
  { name: 'confirm', flow: confirmResize, kinds: own, before: (names) => [migrate(names)], line: () => 'resize-confirm web' },
  {
    name: 'live',
    flow: liveMigrateServer,
    kinds: cloudKinds,
    before: nothing,
    line: ({ destination }) => `live-migration web ${destination}`,
  },
  {
    name: 'evacuate',
    flow: evacuateServer,
    kinds: own,
    before: nothing,
    line: ({ destination }) => `evacuate web --host ${destination} --yes --i-checked-it-is-off torture`,
    sourceIsOff: true,
  },
]
