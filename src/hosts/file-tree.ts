/**
 * Files in memory, alone or laid over a host's real ones.
 * - base: what the host has at that path.
 * - gone: nothing, whatever the host has there.
 */
export type TreeEntry =
  | { readonly kind: 'file'; readonly bytes: Uint8Array }
  | { readonly kind: 'directory' }
  | { readonly kind: 'gone' }
  | { readonly kind: 'base'; readonly path: string }

export interface FileTree {
  /** What is at `path`, by the nearest entry above it. */
  find(path: string): TreeEntry
  /** Puts an entry at `path` in place of all that is there and below. */
  set(path: string, entry: TreeEntry): void
  /** The entries directly below `path` that this tree itself holds. */
  children(path: string): Map<string, TreeEntry>
  move(from: string, to: string): void
}

const clean = (path: string) =>
  `/${path
    .split('/')
    .filter((part) => part !== '' && part !== '.')
    .join('/')}`

/** The directory that `path` is in. */
export const parentOf = (path: string) => clean(path).replace(/\/[^/]*$/, '') || '/'

/** True when the two paths are one. */
export const isSame = (a: string, b: string) => clean(a) === clean(b)

/** True when `path` is somewhere below `directory`. */
export const isInside = (path: string, directory: string) => clean(path).startsWith(`${clean(directory)}/`)

/** A tree whose root is an empty directory, or (`base`) the host's own root. */
export function fileTree(root: 'empty' | 'base'): FileTree {
  const entries = new Map<string, TreeEntry>([['/', root === 'base' ? { kind: 'base', path: '/' } : { kind: 'directory' }]])
  const below = (path: string) => [...entries].filter(([key]) => key.startsWith(path === '/' ? '/' : `${path}/`) && key !== path)
  const find = (wanted: string): TreeEntry => {
    const path = clean(wanted)
    const own = entries.get(path)
    if (own !== undefined) return own
    for (let above = parentOf(path); ; above = parentOf(above)) {
      const entry = entries.get(above)
      if (entry?.kind === 'base') return { kind: 'base', path: clean(entry.path + path.slice(above === '/' ? 0 : above.length)) }
      if (entry !== undefined || above === '/') return { kind: 'gone' }
    }
  }
  const set = (wanted: string, entry: TreeEntry) => {
    const path = clean(wanted)
    for (const [key] of below(path)) entries.delete(key)
    entries.set(path, entry)
  }
  return {
    find,
    set,
    children: (path) => {
      const prefix = clean(path) === '/' ? '/' : `${clean(path)}/`
      const direct = below(clean(path)).filter(([key]) => !key.slice(prefix.length).includes('/'))
      return new Map(direct.map(([key, entry]) => [key.slice(prefix.length), entry]))
    },
    move: (from, to) => {
      const moved = find(from)
      const inside = below(clean(from))
      set(from, { kind: 'gone' })
      set(to, moved)
      for (const [key, entry] of inside) entries.set(clean(to) + key.slice(clean(from).length), entry)
    },
  }
}
