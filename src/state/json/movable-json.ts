/** A directory of JSON files as a store that can be moved, from and to. */
import type { Fs } from '../../core/ports.ts'
import type { Movable } from '../movable.ts'
import type { WholeVault } from '../vault.ts'
import { jsonArchive } from './archive.ts'
import { clearBegun, wholeStart } from './begin-history.ts'
import { loadHasher } from './journal-line.ts'
import type { JsonStore } from './json-store.ts'
import { fileMode, layout } from './layout.ts'
import { migrations } from './migrations.ts'
import { stateHash } from './state-hash.ts'
import { writeAll } from './write-all.ts'

export function movableJson(store: JsonStore, directory: string, fs: Fs, vault: WholeVault): Movable {
  const mark = layout.moving(directory)
  if (fs.exists(mark)) clearBegun(fs, directory)
  return {
    place: directory,
    vault,
    archive: jsonArchive(directory, fs),
    read: (body) => store.read(body),
    start: () => wholeStart({ fs, directory, migrations }),
    begin: (start) => store.begin(start),
    revisions: (after) => store.revisions(after),
    replay: (revisions) => store.replay(revisions),
    stateHash: async () => {
      const hasher = await loadHasher()
      return store.withState((state) => stateHash(state, hasher))
    },
    movingFrom: async () => (fs.exists(mark) ? fs.readFile(mark).toString('utf8') : undefined),
    async setMovingFrom(place) {
      if (place === undefined && fs.exists(mark)) fs.unlink(mark)
      if (place === undefined) return
      if (!fs.exists(directory)) fs.mkdir(directory, 0o700)
      writeMark(fs, directory, mark, place)
    },
    leave: (work) => store.alone(async () => writeMark(fs, directory, layout.moved(directory), await work())),
    close: () => store.close(),
  }
}

function writeMark(fs: Fs, directory: string, path: string, text: string): void {
  const fd = fs.open(`${path}.new`, 'w', fileMode)
  try {
    writeAll(fs, fd, Buffer.from(text))
    fs.fsync(fd)
  } finally {
    fs.close(fd)
  }
  fs.rename(`${path}.new`, path)
  fs.fsyncDirectory(directory)
}
