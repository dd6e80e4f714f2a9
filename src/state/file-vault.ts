import type { Fs } from '../core/ports.ts'
import type { Vault } from './vault.ts'

/** The vault in a directory of its own: `<directory>/<server id>/<name>`, 0600 in 0700. Ids and names are never a user's text. */
export function fileVault(options: { readonly directory: string; readonly fs: Fs }): Vault {
  const { directory, fs } = options
  const of = (serverId: string) => `${directory}/${serverId}`
  return {
    put(serverId, name, text) {
      fs.mkdir(of(serverId), 0o700)
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
