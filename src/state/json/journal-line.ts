/** The three kinds of journal lines: a segment's header, a transaction, and the seal that ends a segment. */
import type { TableName } from '../../model/tables.ts'
import type { RawChange } from '../record.ts'
import type { Authorship } from '../store.ts'
import { checkedLine, crcText, trailerBytes } from './checked-line.ts'

/** First line of a segment. */
export interface SegmentHeader {
  readonly journal: 1
  readonly schema: number
  readonly generation: number
  /** The revision that it continues from. */
  readonly rev: number
  /** Link to the last transaction before it (or to the header, when the segment before had none). */
  readonly prev: string
  /** The snapshot in force when it was made, and the hash of the state that it holds. */
  readonly snapshot: { readonly generation: number; readonly hash: string }
  /** Its older lines were purged: the next line continues `prev` and not this one. */
  readonly cut?: 1
}

export interface TransactionHead extends Authorship {
  readonly rev: number
  readonly at: string
  readonly prev: string
  /** Table, id, length in bytes of the record's JSON, and 1 for an insert, change by change. */
  readonly touched: readonly (readonly [TableName, string, number, (0 | 1)?])[]
}

/** Last line of a segment: the journal goes on in segment `next`. */
export interface Seal {
  readonly sealed: 1
  readonly next: number
  readonly rev: number
  readonly prev: string
}

export type JournalLine =
  | { readonly kind: 'header'; readonly header: SegmentHeader }
  | { readonly kind: 'transaction'; readonly head: TransactionHead; readonly changes: RawChange[] }
  | { readonly kind: 'seal'; readonly seal: Seal }

/** SHA-256 of bytes, as 32 hex digits (half of it). */
export type Hasher = (bytes: Uint8Array) => string

/** Never inside the head: quotes in its strings are escaped, so this cannot start there. */
const recordsMark = '],"records":['

export const headerLine = (header: SegmentHeader) => checkedLine(JSON.stringify(header))
export const sealLine = (seal: Seal) => checkedLine(JSON.stringify(seal))

export function transactionLine(head: Omit<TransactionHead, 'touched'>, changes: readonly RawChange[]): Buffer {
  const texts = changes.map(({ text }) => (text === null ? 'null' : text.toString()))
  const touched = changes.map(
    ({ table, id, isNew }, index) => [table, id, Buffer.byteLength(texts[index] ?? ''), isNew ? 1 : 0] as const,
  )
  const { rev, at, actor, request, action, prev } = head
  const json = JSON.stringify({ rev, at, actor, request, action, prev, touched })
  return checkedLine(`${json.slice(0, -2)}${recordsMark}${texts.join(',')}]}`)
}

/** What the next line's `prev` must be: checksum and hash of this line, newline excluded. */
export function linkOf(bytes: Buffer, start: number, end: number, hash: Hasher): string {
  return crcText(bytes, end) + hash(bytes.subarray(start, end))
}

/** Reads a line whose checksum was checked; records are not parsed. */
export function parseJournalLine(bytes: Buffer, start: number, end: number): JournalLine {
  const mark = bytes.indexOf(recordsMark, start, 'latin1')
  if (mark < 0 || mark >= end) return parseMarker(bytes.toString('utf8', start, end - trailerBytes))
  const head: TransactionHead = JSON.parse(`${bytes.toString('utf8', start, mark)}]}`)
  const changes: RawChange[] = []
  let at = mark + recordsMark.length
  for (const [table, id, length, isNew] of head.touched) {
    // 'n' starts `null`: records start with '{'.
    const text = bytes[at] === 0x6e ? null : bytes.subarray(at, at + length)
    changes.push({ table, id, text, isNew: isNew === undefined ? undefined : isNew === 1 })
    at += length + 1
  }
  return { kind: 'transaction', head, changes }
}

function parseMarker(json: string): JournalLine {
  const marker: SegmentHeader | Seal = JSON.parse(json)
  return 'sealed' in marker ? { kind: 'seal', seal: marker } : { kind: 'header', header: marker }
}

/** Loads node:crypto, which only writers may pay for. */
export async function loadHasher(): Promise<Hasher> {
  const { hash } = await import('node:crypto')
  return (bytes) => hash('sha256', bytes, 'hex').slice(0, 32)
}
