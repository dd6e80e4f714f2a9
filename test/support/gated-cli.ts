/** A command that stands still after each record that it writes, so that a test may do something just there. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type CliOptions, type CliResult, spawnNova } from './cli.ts'
import { eventually } from './eventually.ts'

export interface GatedCli {
  readonly ended: Promise<CliResult>
  /** Resolves with true once it stands still behind its next record, with false when it has ended instead. */
  stops(): Promise<boolean>
  /** Lets it go on to its next record. */
  resume(): void
  /** Lets it go on to its end. */
  release(): void
  /** It stands still wherever it is. */
  pause(): void
  kill(): void
}

const stopped = '--- stopped by SIGSTOP ---'

/** The file that the next transaction is appended to. */
function journalOf(state: string): string {
  const numbers = readdirSync(state).flatMap((name) => /^journal\.(\d+)\.jsonl$/.exec(name)?.[1] ?? [])
  return join(state, `journal.${Math.max(...numbers.map(Number))}.jsonl`)
}

/** Starts a command whose state directory has a journal. The kernel stops it: nothing in the product knows. */
export async function gatedNova(args: readonly string[], options: CliOptions): Promise<GatedCli> {
  const scratch = mkdtempSync(join(tmpdir(), 'nk-'))
  const trace = join(scratch, 'trace')
  // The tracer is a grandchild (-D): it may end, and the command goes on.
  const strace = ['strace', '-D', '-qq', '-o', trace, '-P', journalOf(options.state), '-e', 'trace=write']
  const under = [...strace, '-e', 'inject=write:signal=SIGSTOP:when=1+']
  const running = await spawnNova(args, { ...options, under })
  let isOver = false
  const ended = running.ended.finally(() => {
    isOver = true
    rmSync(scratch, { recursive: true, force: true })
  })
  ended.catch(() => undefined)
  let passed = 0
  const stops = () => (isOver ? 0 : countOf(trace))
  return {
    ended,
    stops: () =>
      eventually('the next record', async () => (isOver ? 'over' : stops() > passed && 'stopped')).then(
        (how) => how === 'stopped',
      ),
    resume: () => {
      passed = stops()
      running.kill('SIGCONT')
    },
    release: () => {
      endTracer(running.pid)
      running.kill('SIGCONT')
    },
    pause: () => running.kill('SIGSTOP'),
    kill: () => running.kill(),
  }
}

function countOf(trace: string): number {
  try {
    return readFileSync(trace, 'latin1').split(stopped).length - 1
  } catch {
    return 0
  }
}

function endTracer(pid: number): void {
  const tracer = Number(/TracerPid:\t(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0)
  if (tracer > 0) process.kill(tracer, 'SIGKILL')
}
