/** What processes took, by the kernel's own count. */
import { readdirSync, readFileSync } from 'node:fs'

/** User and system seconds of a process; the kernel counts in hundredths. 0 when it is gone. */
export const cpuOf = (pid: number | string): number => statOf(pid).seconds

/** The same of everything that this process started, and what that started. */
export function cpuOfDescendants(): number {
  const all = readdirSync('/proc').flatMap((name) => (/^\d+$/.test(name) ? [{ pid: name, ...statOf(name) }] : []))
  const below = (parent: string): number =>
    all.filter((one) => one.parent === parent).reduce((sum, { pid, seconds }) => sum + seconds + below(pid), 0)
  return below(String(process.pid))
}

function statOf(pid: number | string): { readonly parent: string; readonly seconds: number } {
  const stat = textOf(`/proc/${pid}/stat`)
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return { parent: fields[1] ?? '', seconds: (Number(fields[11] ?? 0) + Number(fields[12] ?? 0)) / 100 }
}

/** Bytes in memory now, and the most there ever were. */
export function memoryOf(pid: number): { readonly now: number; readonly peak: number } {
  const status = textOf(`/proc/${pid}/status`)
  const bytes = (name: string) => Number(new RegExp(`${name}:\\s+(\\d+) kB`).exec(status)?.[1] ?? 0) * 1024
  return { now: bytes('VmRSS'), peak: bytes('VmHWM') }
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}
