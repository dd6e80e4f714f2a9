/** What a durable manifest makes superfluous: older snapshots go, older segments are compressed into history. */
import type { Fs } from '../../core/ports.ts'
import { fileMode, journalGenerations, layout, snapshotGeneration } from './layout.ts'
import { makeHistory } from './manifest.ts'
import { writeAll } from './write-all.ts'

/** Deletes snapshot files of generations before `generation`; also what a killed compaction left. */
export function deleteOldSnapshots(fs: Fs, directory: string, generation: number): void {
  for (const name of fs.readdir(directory)) {
    const found = snapshotGeneration(name)
    if (found !== undefined && found < generation) fs.unlink(`${directory}/${name}`)
  }
}

/** Compresses the segments before `generation`; the plain file goes when its copy is durable. */
export async function archiveSegments(fs: Fs, directory: string, generation: number): Promise<void> {
  makeHistory(fs, directory)
  for (const old of journalGenerations(fs.readdir(directory))) {
    if (old >= generation) continue
    const plain = layout.journal(directory, old)
    await writeSealed(fs, directory, old, await fs.readFileLater(plain))
    fs.unlink(plain)
  }
}

/** Makes `bytes` the sealed segment of a generation, durably. */
export async function writeSealed(fs: Fs, directory: string, generation: number, bytes: Buffer): Promise<void> {
  const packed = await compressed(bytes)
  const draft = `${layout.sealed(directory, generation)}.new`
  const fd = fs.open(draft, 'w', fileMode)
  try {
    writeAll(fs, fd, packed)
    await fs.datasync(fd)
  } finally {
    fs.close(fd)
  }
  fs.rename(draft, layout.sealed(directory, generation))
  fs.fsyncDirectory(layout.history(directory))
}

async function compressed(bytes: Buffer): Promise<Buffer> {
  const { gzip } = await import('node:zlib')
  return new Promise((resolve, reject) => {
    gzip(bytes, { level: 6 }, (error, packed) => (error ? reject(error) : resolve(packed)))
  })
}
