/** The real file system: node's synchronous calls, links never followed at the last component. */
import fs from 'node:fs'
import type { Fs } from '../core/ports.ts'
import { lockFile } from './file-lock.ts'

const { O_APPEND, O_CREAT, O_EXCL, O_NOFOLLOW, O_RDONLY, O_RDWR, O_TRUNC, O_WRONLY } = fs.constants
const flagBits = new Map([
  ['r', O_RDONLY],
  ['r+', O_RDWR],
  ['w', O_WRONLY | O_CREAT | O_TRUNC],
  ['wx', O_WRONLY | O_CREAT | O_EXCL],
  ['w+', O_RDWR | O_CREAT | O_TRUNC],
  ['wx+', O_RDWR | O_CREAT | O_EXCL],
  ['a', O_WRONLY | O_CREAT | O_APPEND],
  ['ax', O_WRONLY | O_CREAT | O_EXCL | O_APPEND],
  ['a+', O_RDWR | O_CREAT | O_APPEND],
  ['ax+', O_RDWR | O_CREAT | O_EXCL | O_APPEND],
])

function open(path: string, flags: string, mode = 0o600): number {
  const bits = flagBits.get(flags)
  if (bits === undefined) throw new TypeError(`unknown open flags ${flags}`)
  return fs.openSync(path, bits | O_NOFOLLOW, mode)
}

export const systemFs: Fs = {
  open,
  close: (fd) => fs.closeSync(fd),
  read: (fd, buffer, position) => fs.readSync(fd, buffer, 0, buffer.length, position),
  size: (fd) => fs.fstatSync(fd).size,
  readFile: (path) => fs.readFileSync(path),
  readFileLater: (path) =>
    new Promise((resolve, reject) => fs.readFile(path, (error, bytes) => (error ? reject(error) : resolve(bytes)))),
  exists: (path) => fs.existsSync(path),
  readdir: (path) => fs.readdirSync(path),
  mkdir: (path, mode) => void fs.mkdirSync(path, { mode, recursive: true }),
  write: (fd, data) => fs.writeSync(fd, data),
  truncate: (fd, size) => fs.ftruncateSync(fd, size),
  rename: (from, to) => fs.renameSync(from, to),
  unlink: (path) => fs.unlinkSync(path),
  rmdir: (path) => fs.rmdirSync(path),
  datasync: (fd) => new Promise((resolve, reject) => fs.fdatasync(fd, (error) => (error ? reject(error) : resolve()))),
  fsync: (fd) => fs.fsyncSync(fd),
  fsyncDirectory(path) {
    const fd = fs.openSync(path, O_RDONLY)
    try {
      fs.fsyncSync(fd)
    } finally {
      fs.closeSync(fd)
    }
  },
  stat(path) {
    const found = fs.lstatSync(path)
    return {
      uid: found.uid,
      mode: found.mode,
      isDirectory: found.isDirectory(),
      isSymbolicLink: found.isSymbolicLink(),
      ino: found.ino,
      size: found.size,
    }
  },
  lock: lockFile,
}
