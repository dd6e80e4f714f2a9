/** Files as a POSIX tar archive in memory, so that a whole tree reaches a host in one command. */
import { Fault } from '../core/fault.ts'

const block = 512
const maxPath = 99

/** An archive with `files` (mode 0600) in order. Fault `invalid` for a path that could leave the directory. */
export function tarArchive(files: readonly { readonly path: string; readonly content: string }[]): Buffer {
  const parts = files.flatMap(({ path, content }) => {
    const bytes = Buffer.from(content)
    const padding = Buffer.alloc((block - (bytes.length % block)) % block)
    return [header(path, bytes.length), bytes, padding]
  })
  return Buffer.concat([...parts, Buffer.alloc(2 * block)])
}

function header(path: string, size: number): Buffer {
  checkPath(path)
  const bytes = Buffer.alloc(block)
  bytes.write(path, 0)
  bytes.write('0000600\0', 100)
  bytes.write('0000000\x000000000\0', 108)
  bytes.write(`${size.toString(8).padStart(11, '0')}\0`, 124)
  bytes.write('00000000000\0', 136)
  bytes.write('        ', 148)
  bytes.write('0', 156)
  bytes.write('ustar\x0000', 257)
  const sum = bytes.reduce((total, byte) => total + byte, 0)
  bytes.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148)
  return bytes
}

function checkPath(path: string): void {
  const isSafe = path.split('/').every((part) => /^[A-Za-z0-9][A-Za-z0-9_.-]*$/.test(part))
  if (!isSafe || path.length > maxPath) throw new Fault('invalid', `${JSON.stringify(path)} cannot be a path on a config drive`)
}
