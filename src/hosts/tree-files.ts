/** The file operations of a host over a tree in memory; what the tree calls base is asked of the host below, if there is one. */
import { Fault } from '../core/fault.ts'
import { fileFault } from './file-fault.ts'
import { type FileTree, isInside, isSame, parentOf } from './file-tree.ts'
import type { FileStat, Host } from './host.ts'

const defaultMaxBytes = 8 * 1024 * 1024

export type HostFiles = Pick<Host, 'readFile' | 'writeFile' | 'stat' | 'readdir' | 'mkdir' | 'remove' | 'rename'>
type Base = Pick<Host, 'readFile' | 'stat' | 'readdir'>

/** Operations on `tree` that keep the contract of a host. */
export function treeFiles(host: string, tree: FileTree, base?: Base): HostFiles {
  const fail = (attempt: string, code: string) => fileFault(host, attempt, Object.assign(new Error(code), { code }))
  const stat = async (path: string): Promise<FileStat | undefined> => {
    const entry = tree.find(path)
    if (entry.kind === 'base') return base?.stat(entry.path)
    if (entry.kind === 'gone') return undefined
    const isDirectory = entry.kind === 'directory'
    return { size: isDirectory ? 0 : entry.bytes.length, isDirectory, modifiedAt: 0 }
  }
  const needDirectory = async (path: string, attempt: string) => {
    const found = await stat(path)
    if (found === undefined) throw fail(attempt, 'ENOENT')
    if (!found.isDirectory) throw fail(attempt, 'ENOTDIR')
  }
  const mkdir = async (path: string): Promise<void> => {
    const found = await stat(path)
    if (found?.isDirectory) return
    if (found !== undefined) throw fail(`create directory ${path}`, 'ENOTDIR')
    await mkdir(parentOf(path))
    tree.set(path, { kind: 'directory' })
  }
  const readdir = async (path: string): Promise<string[]> => {
    await needDirectory(path, `list ${path}`)
    const entry = tree.find(path)
    const names = new Set(entry.kind === 'base' ? await base?.readdir(entry.path) : [])
    for (const [name, child] of tree.children(path)) child.kind === 'gone' ? names.delete(name) : names.add(name)
    return [...names].sort()
  }
  return {
    stat,
    mkdir,
    readFile: async (path, options = {}) => {
      const entry = tree.find(path)
      if (entry.kind === 'base') return base?.readFile(entry.path, options)
      if (entry.kind === 'directory') throw fail(`read ${path}`, 'EISDIR')
      return entry.kind === 'gone' ? undefined : bounded(host, path, Buffer.from(entry.bytes), options)
    },
    writeFile: async (path, data) => {
      const bytes = Buffer.from(data)
      const attempt = `write ${path} (${bytes.length} bytes)`
      await needDirectory(parentOf(path), attempt)
      if ((await stat(path))?.isDirectory) throw fail(attempt, 'EISDIR')
      tree.set(path, { kind: 'file', bytes })
    },
    readdir,
    remove: async (path) => tree.set(path, { kind: 'gone' }),
    rename: async (from, to) => {
      const attempt = `rename ${from} to ${to}`
      const moved = await stat(from)
      if (moved === undefined) throw fail(attempt, 'ENOENT')
      await needDirectory(parentOf(to), attempt)
      if (isSame(from, to)) return
      if (isInside(to, from)) throw fail(attempt, 'EINVAL')
      const replaced = await stat(to)
      if (replaced !== undefined && replaced.isDirectory !== moved.isDirectory)
        throw fail(attempt, moved.isDirectory ? 'ENOTDIR' : 'EISDIR')
      if (replaced?.isDirectory && (await readdir(to)).length > 0) throw fail(attempt, 'ENOTEMPTY')
      tree.move(from, to)
    },
  }
}

function bounded(
  host: string,
  path: string,
  bytes: Buffer,
  options: { readonly maxBytes?: number; readonly tail?: boolean },
): Buffer {
  const maxBytes = options.maxBytes ?? defaultMaxBytes
  if (bytes.length <= maxBytes) return bytes
  if (options.tail === true) return bytes.subarray(bytes.length - maxBytes)
  throw new Fault('internal', `host ${host}: cannot read ${path}: it is larger than ${maxBytes} bytes`)
}
