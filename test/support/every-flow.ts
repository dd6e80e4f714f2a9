/** How each flow of the catalogue is begun: a flow without a row here fails the suites that break every step. */
import { adopt } from '../../src/actions/import/adopt.ts'
import { release } from '../../src/actions/import/release.ts'
import { addDisk } from '../../src/actions/server/add-disk.ts'
import { attach } from '../../src/actions/server/attach-interface.ts'
import { backup } from '../../src/actions/server/backup.ts'
import { confirm } from '../../src/actions/server/confirm.ts'
import { create } from '../../src/actions/server/create.ts'
import { createImageOf } from '../../src/actions/server/create-image.ts'
import { remove } from '../../src/actions/server/delete.ts'
import { detach } from '../../src/actions/server/detach-interface.ts'
import { evacuate } from '../../src/actions/server/evacuate.ts'
import { liveMigrate } from '../../src/actions/server/live-migrate.ts'
import { migrate } from '../../src/actions/server/migrate.ts'
import { pause } from '../../src/actions/server/pause.ts'
import { reboot } from '../../src/actions/server/reboot.ts'
import { rebuild } from '../../src/actions/server/rebuild.ts'
import { removeDisk } from '../../src/actions/server/remove-disk.ts'
import { rescue } from '../../src/actions/server/rescue.ts'
import { resize } from '../../src/actions/server/resize.ts'
import { restore } from '../../src/actions/server/restore.ts'
import { resume } from '../../src/actions/server/resume.ts'
import { revert } from '../../src/actions/server/revert.ts'
import { shelve } from '../../src/actions/server/shelve.ts'
import { shelveOffload } from '../../src/actions/server/shelve-offload.ts'
import { start } from '../../src/actions/server/start.ts'
import { stop } from '../../src/actions/server/stop.ts'
import { suspend } from '../../src/actions/server/suspend.ts'
import { unpause } from '../../src/actions/server/unpause.ts'
import { unrescue } from '../../src/actions/server/unrescue.ts'
import { unshelve } from '../../src/actions/server/unshelve.ts'
import type { AnyAction } from '../../src/core/action.ts'
import { flowCatalogue } from '../../src/flows/catalogue.ts'
import type { AnyFlow } from '../../src/flows/flow.ts'
import type { Cloud } from './a-cloud.ts'
import { performed, recordsOf, type TestContext } from './a-context.ts'
import { aDomain, foreignOn } from './fake-domains.ts'

type Call = readonly [action: AnyAction, input: unknown]

export const boot: Call = [create, { name: 'web-1', image: 'cirros', flavor: 'm1.small' }]
const all = { servers: ['web-1'] }
const one = { server: 'web-1' }
/** Its only interface is the one that a test attaches. */
const unplugged: Call = [create, { name: 'web-1', image: 'cirros', flavor: 'm1.small', nic: 'none' }]
const daily: Call = [backup, { ...one, name: 'web-1-daily', type: 'daily', rotation: 1 }]
const disk: Call = [addDisk, { ...one, size: 2, name: 'data' }]
const grow: Call = [resize, { ...one, flavor: 'm1.medium' }]

/** What comes before the flow, and the call that begins it. */
const rows: ReadonlyMap<string, readonly Call[]> = new Map<string, readonly Call[]>([
  ['boot-server', [boot]],
  ['delete-server', [boot, [remove, all]]],
  ['soft-delete-server', [boot, [remove, all]]],
  ['restore-server', [boot, [remove, all], [restore, all]]],
  ['rebuild-server', [boot, [rebuild, one]]],
  ['start-server', [boot, [stop, all], [start, all]]],
  ['stop-server', [boot, [stop, all]]],
  ['reboot-server', [boot, [reboot, all]]],
  ['reboot-hard-server', [boot, [reboot, { ...all, hard: true }]]],
  ['pause-server', [boot, [pause, all]]],
  ['unpause-server', [boot, [pause, all], [unpause, all]]],
  ['suspend-server', [boot, [suspend, all]]],
  ['resume-server', [boot, [suspend, all], [resume, all]]],
  ['rescue-server', [boot, [rescue, one]]],
  ['resize-server', [boot, grow]],
  ['migrate-server', [boot, [migrate, one]]],
  ['live-migrate-server', [boot, [liveMigrate, one]]],
  ['confirm-resize', [boot, grow, [confirm, all]]],
  ['revert-resize', [boot, grow, [revert, all]]],
  ['evacuate-server', [boot, [evacuate, { ...one, iCheckedItIsOff: 'alice: pulled the plug' }]]],
  ['adopt-domain', [[adopt, { host: 'host-a', domain: 'old-db' }]]],
  [
    'release-domain',
    [
      [adopt, { host: 'host-a', domain: 'old-db' }],
      [release, { server: 'old-db' }],
    ],
  ],
  ['unrescue-server', [boot, [rescue, one], [unrescue, all]]],
  ['create-image-server', [boot, [createImageOf, { ...one, name: 'web-1-image' }]]],
  ['backup-server', [boot, daily]],
  ['shelve-server', [boot, [shelve, all]]],
  ['shelve-offload-server', [boot, [shelve, all], [shelveOffload, all]]],
  ['unshelve-server', [boot, [shelve, all], [unshelve, all]]],
  ['unshelve-here-server', [boot, [shelve, all], [unshelve, all]]],
  ['attach-interface-server', [unplugged, [attach, one]]],
  ['detach-interface-server', [unplugged, [attach, one], [detach, { ...one, mac: 'fa:16:3e:01:08:0f' }]]],
  ['add-disk-server', [boot, disk]],
  ['remove-disk-server', [boot, disk, [removeDisk, { ...one, disk: 'data' }]]],
])

/** The hosts that the flow needs: a move needs two. */
const moves = ['resize-server', 'migrate-server', 'live-migrate-server', 'confirm-resize', 'revert-resize', 'evacuate-server']
export const hostsFor = (flow: string): readonly string[] => (moves.includes(flow) ? ['host-a', 'host-b'] : ['host-a'])

/** Flows of servers that are shelved on their host. */
const staying = ['shelve-offload-server', 'unshelve-here-server']
/** Flows of servers that are kept for a while after their delete. */
const keeping = ['soft-delete-server', 'restore-server']

/** With the settings that lead to the flow. */
const leadingTo = (flow: string, context: TestContext): TestContext => ({
  ...context,
  settings: {
    ...context.settings,
    shelvedOffloadTime: staying.includes(flow) ? -1 : 0,
    reclaimInstanceInterval: keeping.includes(flow) ? 3600 : 0,
  },
})

/** Every flow with every one of its steps, from the catalogue itself. */
export const everyFlow: readonly AnyFlow[] = [...flowCatalogue.values()]
export const everyStep = everyFlow.flatMap((flow) =>
  flow.steps.map((step, index) => ({ name: flow.name, step: step.name, index })),
)

function callsOf(flow: string): readonly Call[] {
  const calls = rows.get(flow)
  if (calls) return calls
  throw new Error(`test/support/every-flow.ts does not say how flow ${flow} is begun`)
}

/** Brings a server to where the flow may begin; an evacuation begins when the server's host is dead. */
export async function before(
  flow: string,
  { context, silent, hosts }: Pick<Cloud, 'context' | 'silent' | 'hosts'>,
): Promise<void> {
  await foreignOn(hosts.get('host-a'), aDomain())
  for (const [action, input] of callsOf(flow).slice(0, -1)) await performed(action, input, leadingTo(flow, context))
  const [server] = await recordsOf(context.store, 'servers')
  if (flow === 'evacuate-server' && server?.host) silent.add(server.host)
}

/** Begins the flow and waits for its end. */
export async function begin(flow: string, context: TestContext): Promise<unknown> {
  const [action, input] = callsOf(flow).at(-1) ?? boot
  return performed(action, input, leadingTo(flow, context))
}
