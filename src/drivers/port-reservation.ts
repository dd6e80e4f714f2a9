/**
 * TCP ports on the host's loopback, one for each guest that wants ssh. A reservation is a symbolic link named after the
 * port that points at the guest's id: making a link is atomic, so two processes never take the same one.
 */
import { Fault } from '../core/fault.ts'
import { inOneGo } from '../hosts/batch.ts'
import type { DriverContext } from './driver-context.ts'

/** Below the ports that kernels hand out by themselves (32768 and up). */
const firstPort = 22_000
const portCount = 8000

/** The guest's port: the one it has, or a free one from now on. Where the search starts depends on the id alone. */
export async function reservePort(context: DriverContext, id: string): Promise<number> {
  const { host } = context
  const { owners, busy } = await lookAtPorts(context)
  const known = portOf(owners, id)
  if (known !== undefined) return known
  const taken = new Set(owners.keys())
  const start = Number.parseInt(id.replaceAll('-', '').slice(0, 8), 16)
  for (let step = 0; step < portCount; step += 1) {
    const port = firstPort + ((start + step) % portCount)
    if (taken.has(port) || busy.has(port)) continue
    if (await take(context, port, id)) return port
    // Who was faster may have asked for the same guest: its search went the same way.
    const shared = portOf(await portOwners(context), id)
    if (shared !== undefined) return shared
  }
  throw new Fault('over-quota', `host ${host.name} has no free port from ${firstPort} to ${firstPort + portCount - 1}`)
}

/** Whether the port is ours now; false when somebody was faster. */
async function take(context: DriverContext, port: number, id: string): Promise<boolean> {
  const directory = reservations(context)
  try {
    await inOneGo(context.host, async (gathered) => {
      await gathered.mkdir(directory)
      await gathered.run(['ln', '-s', '--', id, `${directory}/${port}`])
    })
    return true
  } catch (error) {
    // ln's own refusal; whoever was faster has the link.
    if (error instanceof Fault && error.kind === 'internal' && (await portOwners(context)).has(port)) return false
    throw error
  }
}

const portOf = (owners: ReadonlyMap<number, string>, id: string) => [...owners].find(([, owner]) => owner === id)?.[0]

/** Gives the guest's ports back; silent when it has none. */
export async function releasePorts(context: DriverContext, id: string): Promise<void> {
  if (!(await context.host.stat(reservations(context)))) return
  for (const [port, owner] of await portOwners(context)) {
    if (owner === id) await context.host.remove(`${reservations(context)}/${port}`)
  }
}

const reservations = ({ instancesPath }: DriverContext) => `${instancesPath}/.ports`

const portOwners = async (context: DriverContext) => (await lookAtPorts(context)).owners

/** Links and sockets in one answer. */
const lookScript = `find "$1" -mindepth 1 -maxdepth 1 -type l -printf 'link %f %l\\n' 2>/dev/null
cat /proc/net/tcp /proc/net/tcp6 2>/dev/null
exit 0`

interface Ports {
  /** Guests by the port that is theirs. */
  readonly owners: ReadonlyMap<number, string>
  /** Ports that somebody listens on, whatever the address: a forward would fail on them. */
  readonly busy: ReadonlySet<number>
}

async function lookAtPorts(context: DriverContext): Promise<Ports> {
  const argv = ['sh', '-c', lookScript, 'ports', reservations(context)]
  const { stdout } = await context.host.run(argv, { effect: 'read' })
  const rows = stdout.split('\n').map((row) => row.trim().split(/\s+/))
  const links = rows.filter(([first]) => first === 'link')
  const listening = '0A'
  const sockets = rows.filter((columns) => columns[3] === listening)
  return {
    owners: new Map(links.map(([, port, owner = '']) => [Number(port), owner])),
    busy: new Set(sockets.map(([, local]) => Number.parseInt(local?.split(':').at(-1) ?? '', 16))),
  }
}
