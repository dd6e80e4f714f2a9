/**
 * Where history begins once older revisions were purged: a snapshot of that moment in the history directory, in force by a
 * manifest of its own there, and the segments from one on. Of the first one only what follows the base counts.
 */
import { Fault } from '../../core/fault.ts'
import type { Fs } from '../../core/ports.ts'
import type { HistoryStart } from '../store.ts'
import { isWhole, parseChecked } from './checked-line.ts'
import { headerLine, parseJournalLine, type SegmentHeader } from './journal-line.ts'
import { layout } from './layout.ts'
import { type Manifest, readManifest } from './manifest.ts'

export interface HistoryBase extends Manifest {
  /** The first segment that is kept. */
  readonly segment: number
  /** ISO time of the purge. */
  readonly purgedAt: string
}

/** A place to read segments from: the link is to the revision's line. */
export interface SegmentPlace {
  readonly segment: number
  readonly revision: number
  readonly link: string
}

/** The base in force; undefined where history is whole. */
export function readBase(fs: Fs, directory: string): HistoryBase | undefined {
  const manifest = readManifest(fs, layout.history(directory))?.manifest
  if (manifest === undefined || isBase(manifest)) return manifest
  throw new Fault('internal', `${layout.manifest(layout.history(directory))} names no first segment`, {
    hint: 'nothing was changed; restore the state directory from a copy',
  })
}

const isBase = (manifest: Manifest): manifest is HistoryBase => 'segment' in manifest && 'purgedAt' in manifest

/** The same for everybody else. */
export function historyStart(base: HistoryBase | undefined): HistoryStart | undefined {
  return base && { revision: base.revision, at: base.at, purgedAt: base.purgedAt }
}

/** The bytes of the base's first segment without what is older; the same bytes when there is nothing older in it. */
export function withoutOlder(bytes: Buffer, { revision, link }: SegmentPlace): Buffer {
  const newline = bytes.indexOf(10)
  const header = newline < 0 ? undefined : (parseChecked(bytes, 0, newline) as SegmentHeader | undefined)
  if (!header || header.rev >= revision) return bytes
  for (let at = newline + 1; at < bytes.length; ) {
    const end = bytes.indexOf(10, at)
    if (end < 0) break
    if (isWhole(bytes, at, end) && revisionAt(bytes, at, end) > revision) {
      return Buffer.concat([headerLine({ ...header, rev: revision, prev: link, cut: 1 }), bytes.subarray(at)])
    }
    at = end + 1
  }
  // Nothing follows the base here: whoever reads on says what is wrong.
  return bytes
}

function revisionAt(bytes: Buffer, start: number, end: number): number {
  const line = parseJournalLine(bytes, start, end)
  return line.kind === 'transaction' ? line.head.rev : 0
}
