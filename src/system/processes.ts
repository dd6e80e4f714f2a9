/** Process identities from /proc: pid, start time and boot, so that a reused pid is not taken for its predecessor. */
import { readFileSync, readlinkSync } from 'node:fs'
import type { Processes, ProcessIdentity } from '../core/ports.ts'

// A process asks about itself most: its own identity is read once.
let own: ProcessIdentity | undefined
const self = () => {
  own ??= { pid: process.pid, startTime: startTimeOf('self') ?? '', bootId: bootId() }
  return own
}

export const systemProcesses: Processes = {
  self,
  isAlive: ({ pid, startTime, bootId }) =>
    self().bootId === bootId && (pid === self().pid ? startTime === self().startTime : startTimeOf(pid) === startTime),
}

/** Containers of one machine count their processes each for itself: they are machines of their own. */
function bootId(): string {
  const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()
  const counting = readlinkSync('/proc/self/ns/pid')
  return counting === machineWide ? boot : `${boot} ${counting}`
}

/** The first namespace of every Linux. */
const machineWide = 'pid:[4026531836]'

/** Field 22 of /proc/PID/stat, or undefined when that process is gone or a zombie. */
function startTimeOf(pid: number | 'self'): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    // The command name may hold spaces and parentheses: fields are counted after the last ')'.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return fields[0] === 'Z' || fields[0] === 'X' ? undefined : fields[19]
  } catch {
    return undefined
  }
}
