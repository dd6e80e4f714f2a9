/** Writes everything, however little each write call takes. */
import type { Fs } from '../../core/ports.ts'

export function writeAll(fs: Fs, fd: number, data: Uint8Array): void {
  for (let done = 0; done < data.length; ) {
    const written = fs.write(fd, done === 0 ? data : data.subarray(done))
    if (written <= 0) throw Object.assign(new Error('a write took no byte'), { code: 'EIO' })
    done += written
  }
}
