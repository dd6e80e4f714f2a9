/** The serial log: qemu appends to it, we keep it from growing without end. */
import type { DriverContext } from './driver-context.ts'
import type { GuestDirectory } from './guest-directory.ts'

const largestLog = 1024 * 1024

/**
 * Puts a log of more than 1 MiB aside as console.log.1. qemu keeps the file open and appends, so it is copied and cut
 * rather than renamed; what the guest prints between the two is lost.
 */
export async function rotateConsoleLog({ host }: DriverContext, paths: GuestDirectory): Promise<void> {
  const log = await host.stat(paths.log)
  if (log === undefined || log.size <= largestLog) return
  const end = await host.readFile(paths.log, { tail: true, maxBytes: largestLog })
  await host.writeFile(paths.oldLog, end ?? '')
  await host.run(['truncate', '--no-create', '--size=0', paths.log])
}

/** The last `bytes` of what the guest printed, the rotated part included. */
export async function consoleLog(context: DriverContext, paths: GuestDirectory, bytes: number): Promise<string> {
  const { host } = context
  if (bytes <= 0) return ''
  const newest = (await host.readFile(paths.log, { tail: true, maxBytes: bytes })) ?? Buffer.alloc(0)
  const missing = bytes - newest.length
  const older = missing > 0 ? await host.readFile(paths.oldLog, { tail: true, maxBytes: missing }) : undefined
  await rotateConsoleLog(context, paths)
  return Buffer.concat([older ?? Buffer.alloc(0), newest]).toString('utf8')
}
