import type { Fs, Processes, ProcessIdentity } from '../core/ports.ts'
import type { Vault, WholeVault } from './vault.ts'

export interface VaultOptions {
  readonly directory: string
  readonly fs: Fs
  readonly processes: Processes
}

/** Beside the secrets: which process put them there, before their server's record was written. */
const ownerFile = '.owner'

/** The vault in a directory of its own: `<directory>/<server id>/<name>`, 0600 in 0700. Ids and names are never a user's text. */
export function fileVault(options: VaultOptions): WholeVault {
  const { directory, fs, processes } = options
  const of = (serverId: string) => `${directory}/${serverId}`
  return {
    put(serverId, name, text) {
      fs.mkdir(of(serverId), 0o700)
      noteOwner(fs, `${of(serverId)}/${ownerFile}`, processes.self())
      const target = `${of(serverId)}/${name}`
      const temporary = `${target}.new`
      if (fs.exists(temporary)) fs.unlink(temporary)
      const fd = fs.open(temporary, 'wx', 0o600)
      try {
        const bytes = Buffer.from(text)
        for (let done = 0; done < bytes.length; ) done += fs.write(fd, bytes.subarray(done))
        fs.fsync(fd)
      } finally {
        fs.close(fd)
      }
      fs.rename(temporary, target)
      fs.fsyncDirectory(of(serverId))
    },
    get(serverId, name) {
      const path = `${of(serverId)}/${name}`
      return fs.exists(path) ? fs.readFile(path).toString('utf8') : undefined
    },
    forget(serverId) {
      if (!fs.exists(of(serverId))) return
      for (const name of fs.readdir(of(serverId))) fs.unlink(`${of(serverId)}/${name}`)
      fs.rmdir(of(serverId))
    },
    async *entries() {
      for (const serverId of fs.exists(directory) ? fs.readdir(directory) : []) {
        const names = fs.readdir(of(serverId)).filter((name) => name !== ownerFile && !name.endsWith('.new'))
        for (const name of names) yield { serverId, name, text: fs.readFile(`${of(serverId)}/${name}`).toString('utf8') }
      }
    },
  }
}

/** Not made durable: after a crash of the machine whoever it names is gone as well. */
function noteOwner(fs: Fs, path: string, owner: ProcessIdentity): void {
  const fd = fs.open(path, 'w', 0o600)
  try {
    fs.write(fd, Buffer.from(JSON.stringify(owner)))
  } finally {
    fs.close(fd)
  }
}

/**
 * Forgets the secrets of servers that never came to be, because the process that put them there died before it wrote the
 * record. The owner is looked at first: once it is dead, whether there is a record does not change any more.
 */
export async function sweepVault(options: VaultOptions, isServer: (id: string) => Promise<boolean>): Promise<void> {
  const { directory, fs, processes } = options
  if (!fs.exists(directory)) return
  for (const id of fs.readdir(directory)) {
    const owner = ownerOf(fs, `${directory}/${id}/${ownerFile}`)
    if (!owner || processes.isAlive(owner) || (await isServer(id))) continue
    fileVault(options).forget(id)
  }
}

/** Undefined where there is no whole name: then there is no secret either, because the name is written first. */
function ownerOf(fs: Fs, path: string): ProcessIdentity | undefined {
  if (!fs.exists(path)) return undefined
  try {
    return JSON.parse(fs.readFile(path).toString('utf8')) as ProcessIdentity
  } catch {
    return undefined
  }
}

/** A vault whose changes stay in memory, for plans. */
export function draftVault(base: Pick<Vault, 'get'>): Vault {
  const written = new Map<string, string | null>()
  return {
    put: (serverId, name, text) => void written.set(`${serverId}/${name}`, text),
    get(serverId, name) {
      const own = written.get(`${serverId}/${name}`)
      return own === undefined ? base.get(serverId, name) : (own ?? undefined)
    },
    forget(serverId) {
      for (const key of written.keys()) if (key.startsWith(`${serverId}/`)) written.set(key, null)
    },
  }
}
