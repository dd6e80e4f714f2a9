/** The built command line as a child process: run to its end, or started, watched and killed. */
import { type ChildProcess, spawn } from 'node:child_process'
import { builtCli } from './built-cli.ts'

export interface CliOptions {
  /** The state directory. */
  readonly state: string
  readonly env?: Readonly<Record<string, string>>
  readonly stdin?: string
  /** Milliseconds until it is killed and the test fails; 120 s by default. */
  readonly timeoutMs?: number
  /** A program and its arguments that runs node, for example strace. */
  readonly under?: readonly string[]
}

export interface CliResult {
  readonly stdout: string
  readonly stderr: string
  /** Null when a signal ended it. */
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
}

export interface RunningCli {
  readonly pid: number
  readonly ended: Promise<CliResult>
  /** What it printed until now. */
  stdout(): string
  /** `kill -9` by default. */
  kill(signal?: NodeJS.Signals): void
}

/** Runs a command to its end, whatever its exit code. */
export async function nova(args: readonly string[], options: CliOptions): Promise<CliResult> {
  return (await spawnNova(args, options)).ended
}

/** The JSON that a command prints; throws its stderr when it fails. */
export async function novaJson(args: readonly string[], options: CliOptions): Promise<unknown> {
  const { stdout, stderr, code, signal } = await nova([...args, '--json'], options)
  if (code !== 0) throw new Error(`nova ${args.join(' ')} ended with ${code ?? signal}: ${stderr}${stdout}`)
  return JSON.parse(stdout)
}

/** Starts a command. */
export async function spawnNova(args: readonly string[], options: CliOptions): Promise<RunningCli> {
  const program = await builtCli()
  const [file = process.execPath, ...rest] = [...(options.under ?? []), process.execPath, program, ...args]
  const child = spawn(file, rest, { env: environment(options), stdio: ['pipe', 'pipe', 'pipe'] })
  const { pid } = child
  const printed: Buffer[] = []
  child.stdout.on('data', (bytes: Buffer) => printed.push(bytes))
  if (pid === undefined) throw new Error(`${file} could not be started`)
  child.stdin.on('error', () => undefined)
  child.stdin.end(options.stdin ?? '')
  return {
    pid,
    ended: resultOf(child, args, options.timeoutMs ?? 120_000),
    stdout: () => Buffer.concat(printed).toString('utf8'),
    kill: (signal = 'SIGKILL') => child.kill(signal),
  }
}

/** Nothing of the caller's own settings reaches the command. */
function environment({ state, env }: CliOptions): NodeJS.ProcessEnv {
  return { PATH: process.env.PATH, HOME: state, LANG: 'C.UTF-8', NOVA_STATE: state, NO_COLOR: '1', ...env }
}

function resultOf(child: ChildProcess, args: readonly string[], timeoutMs: number): Promise<CliResult> {
  return new Promise((resolve, reject) => {
    const out: Buffer[] = []
    const err: Buffer[] = []
    child.stdout?.on('data', (bytes: Buffer) => out.push(bytes))
    child.stderr?.on('data', (bytes: Buffer) => err.push(bytes))
    const text = (chunks: readonly Buffer[]) => Buffer.concat(chunks).toString('utf8')
    const timer = setTimeout(() => {
      child.kill('SIGKILL')
      reject(new Error(`nova ${args.join(' ')} did not end within ${timeoutMs} ms; so far: ${text(err)}${text(out)}`))
    }, timeoutMs)
    child.once('error', reject)
    child.once('close', (code, signal) => {
      clearTimeout(timer)
      resolve({ stdout: text(out), stderr: text(err), code, signal })
    })
  })
}
