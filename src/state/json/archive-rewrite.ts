/** Writes an archive file anew with what is left in it, or removes it. A kill leaves either the old file or the new one. */
import type { Fs } from '../../core/ports.ts'
import { type ArchiveIndex, addLine, type IndexLine, indexBytes, type Kept, type Member } from './archive-index.ts'
import { type ArchiveName, archiveLayout as at } from './archive-layout.ts'
import { idOfLine, packed, unpacked } from './archive-members.ts'
import { fileMode } from './layout.ts'
import { writeAll } from './write-all.ts'

/** Leaves in the file only what `index` still keeps; one member at a time is in memory. */
export async function rewritten(fs: Fs, directory: string, name: ArchiveName, index: ArchiveIndex): Promise<void> {
  const next = { number: name.number, generation: name.generation + 1 }
  if (index.kept.size > 0) {
    const lines = await copyData(fs, directory, name, next, index)
    await writeIndex(fs, directory, next, lines)
  }
  // Without its index the old file holds nothing, whatever happens to its data.
  fs.unlink(at.index(directory, name))
  fs.fsyncDirectory(directory)
  fs.unlink(at.data(directory, name))
}

async function copyData(
  fs: Fs,
  directory: string,
  from: ArchiveName,
  to: ArchiveName,
  index: ArchiveIndex,
): Promise<IndexLine[]> {
  const notes: IndexLine[] = []
  const fd = fs.open(at.data(directory, to), 'w', fileMode)
  try {
    let offset = 0
    for (const [member, kept] of byMember(index)) {
      const lines = await unpacked(fs, at.data(directory, from), member)
      const bytes = await packed(lines.filter((line) => kept.has(idOfLine(line) ?? '')))
      writeAll(fs, fd, bytes)
      const entries = [...kept.values()].map(({ entry }) => entry)
      notes.push(addLine({ offset, bytes: bytes.length, schema: member.schema }, entries))
      offset += bytes.length
    }
    await fs.datasync(fd)
  } finally {
    fs.close(fd)
  }
  const settled = [...index.kept.keys()].filter((id) => !index.unsettled.has(id))
  return [...notes, { settle: settled }]
}

function byMember(index: ArchiveIndex): Map<Member, Map<string, Kept>> {
  const members = new Map<Member, Map<string, Kept>>()
  for (const [id, kept] of index.kept) members.set(kept.member, (members.get(kept.member) ?? new Map()).set(id, kept))
  return members
}

async function writeIndex(fs: Fs, directory: string, name: ArchiveName, lines: readonly IndexLine[]): Promise<void> {
  const draft = at.indexDraft(directory, name)
  const fd = fs.open(draft, 'w', fileMode)
  try {
    for (const line of lines) writeAll(fs, fd, indexBytes(line))
    await fs.datasync(fd)
  } finally {
    fs.close(fd)
  }
  fs.rename(draft, at.index(directory, name))
  fs.fsyncDirectory(directory)
}
