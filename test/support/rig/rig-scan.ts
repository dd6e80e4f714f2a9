/** What the hosts of a rig hold, seen from outside: it needs neither the product nor a host that is on. */
import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { join } from 'node:path'
import type { RigHost } from './rig-host.ts'

export interface Held {
  readonly host: string
  /** Guest ids of its qemu processes, one for each. */
  readonly running: readonly string[]
  /** Guest ids that have a directory. */
  readonly directories: readonly string[]
  /** Whatever else lies beside them. */
  readonly others: readonly string[]
  /** libvirt's persistent domains by their id. */
  readonly domains: readonly string[]
}

const guestId = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

/** Looks at a host; `directory` is where its instances are on this machine. */
export function holdingsOf(host: RigHost, directory: string): Held {
  const names = existsSync(directory) ? readdirSync(directory) : []
  const ports = join(directory, '.ports')
  const reserved = existsSync(ports) ? readdirSync(ports).map((name) => `.ports/${name}`) : []
  return {
    host: host.name,
    running: qemusOf(host),
    directories: names.filter((name) => guestId.test(name)),
    others: [...names.filter((name) => !guestId.test(name) && !name.startsWith('.') && name !== '_base'), ...reserved],
    domains: domainsOf(host),
  }
}

/** Processes live in the process namespace of the host that runs them. */
function qemusOf(host: RigHost): string[] {
  const own = namespaceOf(host.initPid())
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name))
  if (own === undefined) return []
  return pids.flatMap((pid) => {
    const [program = '', ...args] = wordsOf(pid)
    const id = args[args.indexOf('-uuid') + 1] ?? ''
    return program.includes('qemu-system') && guestId.test(id) && namespaceOf(pid) === own ? [id] : []
  })
}

function namespaceOf(pid: string): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/ns/pid`)
  } catch {
    return undefined
  }
}

function wordsOf(pid: string): string[] {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0')
  } catch {
    return []
  }
}

function domainsOf({ directory }: RigHost): string[] {
  const definitions = join(directory, 'etc-libvirt/qemu')
  if (!existsSync(definitions)) return []
  const files = readdirSync(definitions).filter((name) => name.endsWith('.xml'))
  return files.flatMap((name) => /<uuid>([^<]+)</.exec(readFileSync(join(definitions, name), 'utf8'))?.[1] ?? [])
}
