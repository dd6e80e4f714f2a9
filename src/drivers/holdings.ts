/** What a host holds below its instances directory, and how it is cleared away. */

/** Something in the instances directory or one level below. */
export interface SurveyEntry {
  /** Relative to the instances directory. */
  readonly path: string
  readonly kind: 'file' | 'directory' | 'link' | 'other'
  readonly bytes: number
  /** Milliseconds since the epoch, by the host's clock. */
  readonly modifiedAt: number
  /** What a link points at; empty for everything else. */
  readonly target: string
}

/** A disk that should be an overlay: the driver made it as qcow2. */
export interface SurveyDisk {
  readonly path: string
  /** Path of the file below it; null for none. */
  readonly backing: string | null
  readonly hasBacking: boolean
  /** Why it is no disk any more; null for a whole one. */
  readonly damage: string | null
}

export interface Survey {
  /** The host's clock, milliseconds since the epoch. */
  readonly at: number
  readonly entries: readonly SurveyEntry[]
  readonly disks: readonly SurveyDisk[]
  /** Images that the definition of a guest names: its directory and the image's digest. */
  readonly named: readonly { readonly directory: string; readonly digest: string }[]
  /** Cached images whose content was read, with the digest that it has; only in a deep survey. */
  readonly sums: readonly { readonly name: string; readonly digest: string }[]
}

/** One thing to clear away; the path is relative to the instances directory. */
export type TidyOrder =
  /** Moves it to `.lost` under the instances directory, unless a process names it. */
  | { readonly what: 'keep'; readonly path: string }
  /** Removes it when nothing changed it for so many minutes. */
  | { readonly what: 'sweep'; readonly path: string; readonly minutes: number }
  /** Removes a reservation when it still is that guest's and the host has no such guest. */
  | { readonly what: 'release'; readonly path: string; readonly owner: string }
  /** Forgets the epochs of a guest that the host has not, when no operation was there for so many minutes. */
  | { readonly what: 'unfence'; readonly path: string; readonly minutes: number }

/** A cached image that is gone from a host. */
export interface RemovedImage {
  readonly digest: string
  readonly bytes: number
}
