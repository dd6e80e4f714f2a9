/** Runs the commands of a page as a reader would: one after another, in one empty home, with the built `nova` on the PATH. */
import { spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { builtCli } from './built-cli.ts'
import { type ConsoleCommand, commandsOf, exitCodeOf, missingLine, withOutput } from './console-page.ts'
import { aQcow2 } from './disk-images.ts'

export interface PageOptions {
  readonly update?: boolean
  /** Words before each command, which bring it onto a host. */
  readonly enter?: readonly string[]
  /** Puts into the reader's home what the page takes for granted. */
  readonly furnish?: (home: string) => void
}

/** What a page promises and its commands do not keep; with `update` the page then shows what they print. */
export async function brokenPromises(file: string, { update = false, enter = [], furnish }: PageOptions = {}): Promise<string[]> {
  const page = readFileSync(file, 'utf8')
  const home = await aReadersHome()
  furnish?.(home)
  const broken: string[] = []
  const printed = new Map<ConsoleCommand, string>()
  try {
    for (const command of commandsOf(page)) {
      const { output, code } = await run(command.command, home, enter)
      const missing = missingLine(command.shown, output)
      const isUntold = command.shown.length === 0 && output !== ''
      if (missing === undefined && code === exitCodeOf(command) && !(update && isUntold)) continue
      broken.push(`line ${command.line}: $ ${command.command}\nexit code ${code}; not printed: ${missing ?? '-'}\n${output}`)
      printed.set(command, output)
    }
  } finally {
    rmSync(home, { recursive: true, force: true })
  }
  if (update) writeFileSync(file, withOutput(page, printed))
  return broken
}

/** A home with `nova` in bin and a disk image where `npm start` leaves one. */
async function aReadersHome(): Promise<string> {
  const home = mkdtempSync(path.join(os.tmpdir(), 'nk-'))
  const guest = path.join(home, '.cache', 'guest')
  mkdirSync(guest, { recursive: true })
  writeFileSync(path.join(guest, 'guest.qcow2'), aQcow2())
  mkdirSync(path.join(home, 'bin'))
  writeFileSync(path.join(home, 'bin', 'nova'), `#!/bin/sh\nexec '${process.execPath}' '${await builtCli()}' "$@"\n`, {
    mode: 0o755,
  })
  return home
}

/** Both streams in their order, with the home as `~`. */
function run(command: string, home: string, enter: readonly string[]): Promise<{ output: string; code: number }> {
  const env = { PATH: `${home}/bin:${process.env.PATH}`, HOME: home, USER: 'ada', LANG: 'C.UTF-8', TMPDIR: home }
  const [program = 'bash', ...words] = [...enter, 'bash', '-c', `exec 2>&1\ncd '${home}'\n${command}`]
  const child = spawn(program, words, { cwd: home, env, stdio: ['ignore', 'pipe', 'inherit'] })
  const chunks: Buffer[] = []
  child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk))
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code) =>
      resolve({ output: Buffer.concat(chunks).toString('utf8').replaceAll(home, '~'), code: code ?? -1 }),
    )
  })
}
