/** The built command line on a real pseudo terminal, made by util-linux's `script`. */
import { spawn } from 'node:child_process'
import { stripVTControlCharacters } from 'node:util'
import type { FakeCloud } from './a-fake-cloud.ts'
import { builtCli } from './built-cli.ts'

export interface OnTerminal {
  readonly columns?: number
  readonly env?: Readonly<Record<string, string>>
  /** Keys to press once the text is on the screen, in this order. */
  readonly talk?: readonly (readonly [shown: RegExp, keys: string])[]
  /** Redirections of the command, for example `2>/dev/null`. */
  readonly redirect?: string
}

export interface Shown {
  readonly code: number
  /** Everything that was written, control sequences included. */
  readonly raw: string
  /** What a reader sees. */
  readonly text: string
}

export const keys = { enter: '\r', down: '\u001b[B', interrupt: '\u0003' } as const

/** Runs a command line to its end; one that hangs is killed after 60 s. */
export async function onTerminal(cloud: FakeCloud, line: readonly string[], options: OnTerminal = {}): Promise<Shown> {
  const quoted = [process.execPath, await builtCli(), ...line].map((word) => `'${word.replaceAll("'", "'\\''")}'`).join(' ')
  const command = `stty cols ${options.columns ?? 120} rows 40; ${quoted} ${options.redirect ?? ''}`
  const env = { PATH: process.env.PATH, TERM: 'xterm', LANG: 'C.UTF-8', NOVA_STATE: cloud.state, ...cloud.env, ...options.env }
  const child = spawn('script', ['-qec', command, '/dev/null'], { env, timeout: 60_000 })
  const left = [...(options.talk ?? [])]
  let raw = ''
  let unread = ''
  child.stdout.on('data', (chunk: Buffer) => {
    raw += chunk.toString('utf8')
    unread += chunk.toString('utf8')
    const [next] = left
    if (!next?.[0].test(stripVTControlCharacters(unread))) return
    left.shift()
    unread = ''
    child.stdin.write(next[1])
  })
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code) =>
      resolve({ code: code ?? -1, raw, text: stripVTControlCharacters(raw).replaceAll('\r\n', '\n') }),
    )
  })
}
