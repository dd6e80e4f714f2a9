/** A state directory of its own with fake hosts, driven through the built command line as users do. */
import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import type { FakeFault } from '../../src/drivers/fake/index.ts'
import { type CliOptions, type CliResult, nova, type RunningCli, spawnNova } from './cli.ts'

type Extra = Omit<CliOptions, 'state'>

export interface FakeCloud {
  /** A home with the state in `state` and nothing else in it. */
  readonly home: string
  readonly state: string
  readonly env: Readonly<Record<string, string>>
  /** Runs a command line to its end, whatever comes of it. */
  run(line: readonly string[], extra?: Extra): Promise<CliResult>
  start(line: readonly string[], extra?: Extra): Promise<RunningCli>
  /** What a command that must succeed prints on stdout, without the last line end. */
  out(...line: string[]): Promise<string>
  /** The JSON of a command that must succeed. */
  json(...line: string[]): Promise<Record<string, unknown>>
  /** The records of a list. */
  rows(...line: string[]): Promise<Record<string, unknown>[]>
  /** Tells a host's hypervisor to misbehave; no faults make it well again. */
  misbehave(host: string, ...faults: FakeFault[]): void
  /** A file in the home. */
  file(name: string, content: string | Uint8Array): string
  /** A digest of every file of the state but the audit log, which tells of refusals as well. */
  fingerprint(): string
  remove(): void
}

/** Hosts with fake hypervisors are added, one after the other. */
export async function aFakeCloud(...hosts: string[]): Promise<FakeCloud> {
  const home = mkdtempSync(path.join(os.tmpdir(), 'nk-'))
  const state = path.join(home, 'state')
  const env = { HOME: home, USER: 'tester' }
  const run = (line: readonly string[], extra: Extra = {}) => nova(line, { ...extra, state, env: { ...env, ...extra.env } })
  const out = async (...line: string[]) => succeeded(line, await run(line)).stdout.replace(/\n$/, '')
  const cloud: FakeCloud = {
    home,
    state,
    env,
    run,
    out,
    start: (line, extra = {}) => spawnNova(line, { ...extra, state, env: { ...env, ...extra.env } }),
    json: async (...line) => JSON.parse(await out(...line, '--json')),
    rows: async (...line) => JSON.parse(await out(...line, '--json')),
    misbehave: (host, ...faults) => writeFileSync(path.join(state, 'instances', host, 'faults.json'), JSON.stringify(faults)),
    file(name, content) {
      const file = path.join(home, name)
      writeFileSync(file, content)
      return file
    },
    fingerprint: () => digestOf(state),
    remove: () => rmSync(home, { recursive: true, force: true }),
  }
  for (const host of hosts) {
    await out('host', 'add', host, '--driver', 'fake')
    mkdirSync(path.join(state, 'instances', host), { recursive: true })
  }
  return cloud
}

function succeeded(line: readonly string[], result: CliResult): CliResult {
  if (result.code === 0) return result
  throw new Error(`nova ${line.join(' ')} ended with ${result.code ?? result.signal}: ${result.stderr}${result.stdout}`)
}

function digestOf(directory: string): string {
  const hash = createHash('sha256')
  const entries = readdirSync(directory, { recursive: true, withFileTypes: true }).filter(({ name }) => name !== 'audit.log')
  const files = entries.map((entry) => ({ entry, file: path.join(entry.parentPath, entry.name) }))
  for (const { entry, file } of files.sort((a, b) => (a.file < b.file ? -1 : 1)))
    hash.update(`${file}\0`).update(entry.isFile() ? readFileSync(file) : '')
  return hash.digest('hex')
}
