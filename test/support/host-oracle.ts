/** What a host really holds, found without the drivers, against what the records say of it. */
import { readdirSync, readFileSync } from 'node:fs'
import type { Host } from '../../src/hosts/host.ts'
import type { HostRecord } from '../../src/model/host.ts'
import type { Migration } from '../../src/model/migration.ts'
import type { Server } from '../../src/model/server.ts'

const guestId = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

/** Guests without a record, records without a guest, and anything else that was left behind. */
export async function hostFindings(
  record: HostRecord,
  host: Host,
  servers: readonly Server[],
  moves: readonly Migration[] = [],
): Promise<string[]> {
  const { instancesPath } = record
  const here = servers.filter((server) => server.host === record.name && !server.deleted)
  const moving = moves.filter(({ sourceHost, destHost }) => [sourceHost, destHost].includes(record.name))
  const ids = new Set([...here.map(({ id }) => id), ...moving.map(({ serverId }) => serverId)])
  const names = await host.readdir(instancesPath)
  const directories = names.filter((name) => guestId.test(name))
  const orphans = directories.filter((id) => !ids.has(id)).map((id) => `HOST ${record.name} keeps orphan ${id}`)
  // A server in error may have lost its guest: that is often why.
  const expected = here.filter((server) => server.vmState !== 'error')
  const missing = expected.filter((server) => !directories.includes(server.id))
  const lost = missing.map((server) => `HOST ${record.name} has no guest for ${server.vmState} server ${server.name}`)
  const states = record.driver === 'fake' ? await fakeFindings(record, host, expected) : qemuFindings(record, expected)
  const ports = await portFindings(record, host, ids)
  return [...orphans, ...lost, ...states, ...ports, ...asideFindings(record, names, moving)]
}

/** What was put aside belongs to a move that may still be taken back; one that waits for it must have it. */
function asideFindings({ name }: HostRecord, names: readonly string[], moving: readonly Migration[]): string[] {
  const out = moving.filter(({ sourceHost }) => sourceHost === name)
  const aside = names.filter((entry) => entry.endsWith('_resize')).map((entry) => entry.slice(0, -'_resize'.length))
  const left = aside.filter((id) => !out.some(({ serverId }) => serverId === id))
  const lost = out.filter(({ status, serverId }) => status === 'finished' && !aside.includes(serverId))
  return [
    ...left.map((id) => `HOST ${name} keeps ${id} aside for no move`),
    ...lost.map(({ serverId }) => `HOST ${name} lost the copy of ${serverId} that was put aside`),
  ]
}

interface FakeGuest {
  readonly powerState: string
  readonly spec: { readonly disks: readonly { readonly serial?: string }[] } | null
}

/** The fake's own file says what the guest does. */
async function fakeFindings(record: HostRecord, host: Host, servers: readonly Server[]): Promise<string[]> {
  const found: string[] = []
  for (const { id, name, powerState, disks } of servers) {
    const bytes = await host.readFile(`${record.instancesPath}/${id}/guest.json`)
    if (bytes === undefined) continue
    const names = await host.readdir(`${record.instancesPath}/${id}`)
    if (names.includes('snapshot.qcow2')) found.push(`HOST ${record.name} keeps the copy of an image of ${name}`)
    const guest = JSON.parse(bytes.toString('utf8')) as FakeGuest
    if (guest.powerState !== powerState)
      found.push(`HOST ${record.name}: guest of ${name} is ${guest.powerState}, its record says ${powerState}`)
    if (guest.spec === null) found.push(`HOST ${record.name}: guest of ${name} is half made`)
    const serials = (guest.spec?.disks ?? []).flatMap(({ serial }) => serial ?? [])
    if (
      serials.sort().join() !==
      disks
        .flatMap((disk) => (disk.attachedAt === null ? [] : disk.serial))
        .sort()
        .join()
    )
      found.push(`HOST ${record.name}: guest of ${name} has extra disks ${serials.join(', ')}, its record has others`)
  }
  return found
}

/** Every qemu of this instances directory belongs to a server that should run, and the other way round. */
function qemuFindings(record: HostRecord, servers: readonly Server[]): string[] {
  const processes = qemuProcesses(record.instancesPath)
  const running = servers.filter((server) => ['running', 'paused'].includes(server.powerState))
  const wanted = new Set(running.map((server) => server.id))
  const orphans = processes.filter((id) => !wanted.has(id)).map((id) => `HOST ${record.name} runs an orphan qemu of ${id}`)
  const dead = running.filter((server) => !processes.includes(server.id))
  const doubled = processes.filter((id, index) => processes.indexOf(id) !== index).map((id) => `ONE ${id} runs twice`)
  return [...orphans, ...doubled, ...dead.map((server) => `HOST ${record.name} does not run ${server.name}`)]
}

/** Guest ids by command line, one for each process. */
export function qemuProcesses(instancesPath: string): string[] {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name))
  return pids.flatMap((pid) => {
    const [program = '', ...args] = commandLine(pid)
    const lock = args.find((arg) => arg.startsWith(`${instancesPath}/`) && arg.endsWith('/qemu.lock'))
    return lock !== undefined && program.includes('qemu') ? [lock.slice(instancesPath.length + 1, -'/qemu.lock'.length)] : []
  })
}

function commandLine(pid: string): string[] {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0')
  } catch {
    return []
  }
}

/** Port reservations are links that point at their guest. */
async function portFindings(record: HostRecord, host: Host, ids: ReadonlySet<string>): Promise<string[]> {
  const directory = `${record.instancesPath}/.ports`
  if (record.driver === 'fake' || !(await host.stat(directory))) return []
  const { stdout } = await host.run(['find', directory, '-type', 'l', '-printf', '%f %l\\n'], { effect: 'read' })
  const links = stdout.split('\n').filter(Boolean)
  return links.filter((link) => !ids.has(link.split(' ')[1] ?? '')).map((link) => `HOST ${record.name} keeps orphan port ${link}`)
}
