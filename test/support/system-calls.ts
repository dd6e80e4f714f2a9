/** Faults that the kernel makes: a command runs under strace, which kills it or lies to it at its N-th system call. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Calls that change something on the disk. */
export const changing =
  'write,pwrite64,writev,fsync,fdatasync,rename,renameat,renameat2,ftruncate,unlink,unlinkat,mkdir,rmdir,symlink'

/** One call: its name and the how-manieth of that name its thread makes. */
export interface Point {
  readonly call: string
  readonly nth: number
  readonly path: string
}

/** One thread for all files of a process, or the N-th call would not be the N-th call. */
export const oneThread = { UV_THREADPOOL_SIZE: '1' }

/** Without --seccomp-bpf: with it strace 6.1 counts no further than the first call. */
const strace = ['strace', '-f', '-qq']

/** Runs a command through `run` and returns every changing call that it makes on a path that starts with `directory`. */
export async function pointsOf(
  directory: string,
  run: (under: readonly string[]) => Promise<unknown>,
  calls = changing,
): Promise<Point[]> {
  const scratch = mkdtempSync(join(tmpdir(), 'nk-'))
  const trace = join(scratch, 'trace')
  try {
    await run([...strace, '-y', '-s', '4096', '-o', trace, '-e', `trace=${calls}`])
    return pointsIn(readFileSync(trace, 'latin1'), directory)
  } finally {
    rmSync(scratch, { recursive: true, force: true })
  }
}

function pointsIn(trace: string, directory: string): Point[] {
  const counts = new Map<string, number>()
  const points: Point[] = []
  for (const line of trace.split('\n')) {
    const [, pid, call, rest] = /^(\d+) +(\w+)\((.*)$/.exec(line) ?? []
    if (pid === undefined || call === undefined || rest === undefined) continue
    const nth = (counts.get(`${pid} ${call}`) ?? 0) + 1
    counts.set(`${pid} ${call}`, nth)
    const [, path] = /^(?:\d+<([^>]+)>|"([^"]+)")/.exec(rest)?.filter((part, index) => index === 0 || part !== undefined) ?? []
    if (path?.startsWith(directory)) points.push({ call, nth, path })
  }
  return points
}

export interface Injection {
  /** Also at all later calls. */
  readonly forever?: boolean
  /** Only calls on this file count and are touched: a lie about node's own pipes ends node. */
  readonly onlyOn?: string
  /** Not in children, which may outlive the command: strace would wait for them. */
  readonly withoutChildren?: boolean
}

/** strace that does `what` at that call, for example `signal=SIGKILL` or `error=ENOSPC`. */
export function injecting({ call, nth }: Omit<Point, 'path'>, what: string, injection: Injection = {}): string[] {
  const { forever, onlyOn, withoutChildren } = injection
  const program = withoutChildren ? strace.filter((option) => option !== '-f') : strace
  const filter = onlyOn === undefined ? [] : ['-P', onlyOn]
  const inject = `inject=${call}:${what}:when=${nth}${forever ? '+' : ''}`
  return [...program, '-o', '/dev/null', ...filter, '-e', `trace=${call}`, '-e', inject]
}
