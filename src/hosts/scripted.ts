/** A host for tests: rules answer its commands, its files are in memory. It keeps the contract of a real one. */
import type { Duplex } from 'node:stream'
import { Fault } from '../core/fault.ts'
import { exitFault, missingProgram } from './command-fault.ts'
import { duplexPair } from './duplex-pair.ts'
import { fileTree } from './file-tree.ts'
import type { Host, RunOptions, RunResult } from './host.ts'
import { quote } from './quote.ts'
import { treeFiles } from './tree-files.ts'

/** What a rule says about a command; undefined leaves it to the next rule. */
export type ScriptedAnswer = Partial<RunResult> | undefined
export type ScriptedRule = (argv: readonly string[], options: RunOptions) => ScriptedAnswer | Promise<ScriptedAnswer>

export interface ScriptedHostOptions {
  readonly name?: string
  readonly rules?: readonly ScriptedRule[]
  /** Path to content; their directories come by themselves. */
  readonly files?: Readonly<Record<string, string>>
  /** Who answers on which unix socket. */
  readonly sockets?: ReadonlyMap<string, () => Duplex>
  /** How `upload` gets the bytes of a controller's file. */
  readonly readLocal?: (path: string) => Promise<Uint8Array>
}

export interface ScriptedHost extends Host {
  /** Every argv that was run, in order. */
  readonly ran: (readonly string[])[]
}

/** A rule for one program (argv[0]), whatever its arguments. */
export const answersTo =
  (program: string, answer: Partial<RunResult> = {}): ScriptedRule =>
  (argv) =>
    argv[0] === program ? answer : undefined

/** A scripted host; a program that no rule knows is one that the host does not have. */
export async function scriptedHost(options: ScriptedHostOptions = {}): Promise<ScriptedHost> {
  const { name = 'scripted', rules = [], sockets = new Map<string, () => Duplex>() } = options
  const ran: (readonly string[])[] = []
  const listening = new Map<string, () => Duplex>()
  const files = treeFiles(name, fileTree('empty'))
  for (const [path, content] of Object.entries(options.files ?? {})) {
    await files.mkdir(path.slice(0, path.lastIndexOf('/')) || '/')
    await files.writeFile(path, content)
  }
  return {
    name,
    planning: false,
    ran,
    ...files,
    run: async (argv, runOptions = {}) => {
      quote(argv)
      ran.push(argv)
      return ending(name, argv, runOptions, await firstAnswer(rules, argv, runOptions))
    },
    upload: async (localPath, remotePath, onProgress) => {
      const bytes = (await options.readLocal?.(localPath)) ?? new Uint8Array(0)
      await files.writeFile(remotePath, bytes)
      onProgress?.(bytes.length, bytes.length)
      const { createHash } = await import('node:crypto')
      return createHash('sha256').update(bytes).digest('hex')
    },
    openRead: async (path) => {
      const bytes = await files.readFile(path, { maxBytes: Number.MAX_SAFE_INTEGER })
      if (bytes === undefined) throw new Fault('internal', `host ${name}: cannot read ${path}: no such file or directory`)
      const { Readable } = await import('node:stream')
      return Readable.from([bytes])
    },
    writeStream: async (path, source) => {
      const chunks: Uint8Array[] = []
      for await (const chunk of source) chunks.push(chunk)
      const bytes = Buffer.concat(chunks)
      await files.writeFile(path, bytes)
      const { createHash } = await import('node:crypto')
      return createHash('sha256').update(bytes).digest('hex')
    },
    connect: async (path) => {
      const answer = listening.get(path) ?? sockets.get(path)
      if (answer === undefined) throw new Fault('unreachable', `host ${name}: nobody answers on ${path}`)
      return answer()
    },
    listen: async (path, onConnection) => {
      const open: Duplex[] = []
      await files.remove(path)
      listening.set(path, () => {
        const { near, far } = duplexPair()
        open.push(far)
        onConnection(far)
        return near
      })
      return async () => {
        listening.delete(path)
        for (const connection of open) connection.destroy()
      }
    },
    close: async () => {},
  }
}

async function firstAnswer(
  rules: readonly ScriptedRule[],
  argv: readonly string[],
  options: RunOptions,
): Promise<ScriptedAnswer> {
  for (const rule of rules) {
    const answer = await rule(argv, options)
    if (answer !== undefined) return answer
  }
  return undefined
}

function ending(host: string, argv: readonly string[], options: RunOptions, answer: ScriptedAnswer): RunResult {
  if (answer === undefined) throw missingProgram(host, argv[0] ?? '')
  const { stdout = '', stderr = '', exitCode = 0 } = answer
  if ((options.okExitCodes ?? [0]).includes(exitCode)) return { stdout, stderr, exitCode }
  throw exitFault(host, argv, { exitCode, stderr })
}
