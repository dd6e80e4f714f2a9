/** Runs the built `nova` in directories of its own. */
import { spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'

const root = path.resolve(import.meta.dirname, '../..')
export const binary = path.join(root, 'bin', 'run.js')

export interface Printed {
  readonly code: number
  readonly out: string
  readonly err: string
}

export interface NovaHome {
  readonly directory: string
  readonly env: NodeJS.ProcessEnv
  /** Runs one command line in a pipe. */
  nova(...argv: string[]): Printed
  /** Runs another copy of the program. */
  program(file: string, argv: readonly string[]): Printed
  /** The same home with other variables. */
  with(change: NodeJS.ProcessEnv): NovaHome
  /** Runs many command lines through the unbundled sources in one process. */
  sources(lines: readonly (readonly string[])[]): Printed[]
  remove(): void
}

/** An empty home, with state and configuration below it. */
export function aNovaHome(): NovaHome {
  const directory = mkdtempSync(path.join(os.tmpdir(), 'nk-'))
  return novaHome(directory, {
    PATH: process.env.PATH,
    HOME: directory,
    USER: 'tester',
    NOVA_STATE: path.join(directory, 'state'),
  })
}

function novaHome(directory: string, env: NodeJS.ProcessEnv): NovaHome {
  const program = (file: string, argv: readonly string[]): Printed => {
    const { status, stdout, stderr } = spawnSync(process.execPath, [file, ...argv], { env, encoding: 'utf8' })
    return { code: status ?? -1, out: stdout, err: stderr }
  }
  return {
    directory,
    env,
    program,
    nova: (...argv) => program(binary, argv),
    with: (change) => novaHome(directory, { ...env, ...change }),
    sources(lines) {
      const driver = path.join(root, 'test', 'support', 'nova-lines.ts')
      const { stdout, stderr } = spawnSync(process.execPath, ['--import', 'tsx', driver], {
        env,
        cwd: root,
        encoding: 'utf8',
        input: JSON.stringify(lines),
        maxBuffer: 64 * 1024 ** 2,
      })
      if (stdout === '') throw new Error(stderr)
      return JSON.parse(stdout)
    },
    remove: () => rmSync(directory, { recursive: true, force: true }),
  }
}

/** Runs a command line on a terminal (util-linux's `script`) and types each answer when its question is there. */
export function onTerminal(
  home: NovaHome,
  argv: readonly string[],
  talk: readonly (readonly [question: RegExp, keys: string])[],
) {
  const quoted = [process.execPath, binary, ...argv].map((word) => `'${word.replaceAll("'", "'\\''")}'`).join(' ')
  const child = spawn('script', ['-qec', `stty cols 100 rows 40; exec ${quoted}`, '/dev/null'], {
    env: { ...home.env, TERM: 'xterm' },
  })
  let shown = ''
  const left = [...talk]
  child.stdout.on('data', (chunk) => {
    shown += String(chunk)
    const [next] = left
    if (next?.[0].test(shown)) {
      left.shift()
      child.stdin.write(next[1])
    }
  })
  return new Promise<{ code: number; shown: string }>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code) => resolve({ code: code ?? -1, shown }))
  })
}
