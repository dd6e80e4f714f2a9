/**
 * Boots a second on the fake driver, in one process, against the same number of bare durable writes.
 * The records are on the disk; the files of the fake hypervisor are in memory, since they stand for what no record keeps.
 */
import { closeSync, existsSync, fdatasyncSync, mkdtempSync, openSync, rmSync, writeFileSync, writeSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { add } from '../../src/actions/host/add.ts'
import { create } from '../../src/actions/server/create.ts'
import { openEmbedded } from '../../src/main.ts'
import type { Row } from './row.ts'

const boots = 600
const parallel = 32
const hosts = 20

export async function benchBoots(): Promise<Row[]> {
  const directory = mkdtempSync(path.join(os.tmpdir(), 'nk-'))
  const hypervisor = mkdtempSync(path.join(existsSync('/dev/shm') ? '/dev/shm' : os.tmpdir(), 'nk-'))
  try {
    const bare = bareWrites(directory)
    const { perSecond, p50 } = await measure(directory, hypervisor)
    return [
      row('fake boots sustained, 32 at a time', perSecond, '/s', bare, '≥ 300 /s', perSecond >= 300),
      row('one fake boot, alone, p50', p50, 'ms', 1000 / bare, '≤ 15 ms (through the daemon)', p50 <= 15),
    ]
  } finally {
    for (const made of [directory, hypervisor]) rmSync(made, { recursive: true, force: true })
  }
}

const row = (work: string, value: number, unit: string, comparison: number, budget: string, met: boolean): Row => ({
  work,
  value,
  unit,
  comparedWith: 'one append and fdatasync',
  comparison,
  ratio: value / comparison,
  budget,
  met,
})

async function measure(directory: string, hypervisor: string): Promise<{ perSecond: number; p50: number }> {
  const state = path.join(directory, 'state')
  const session = await openEmbedded({ stateDirectory: state, userId: 'bench', projectId: 'bench', roles: ['admin'] })
  const options = { signal: new AbortController().signal, progress: () => undefined }
  for (let index = 0; index < hosts; index++)
    await session.perform(add, { name: `h${index}`, driver: 'fake', instancesPath: path.join(hypervisor, `h${index}`) }, options)
  await session.close()
  writeFileSync(path.join(state, 'settings.json'), JSON.stringify({ maxInstancesPerHost: 10_000, maxIoOpsPerHost: 10_000 }))
  const working = await openEmbedded({ stateDirectory: state, userId: 'bench', projectId: 'bench', roles: ['admin'] })
  await working.perform(await unlimited(), { project: 'bench', instances: -1, cores: -1, ram: -1 }, options)
  const boot = (name: string) => working.perform(create, { name, flavor: 'm1.tiny', configDrive: false, nic: 'none' }, options)
  const alone: number[] = []
  for (let index = 0; index < 30; index++) {
    const began = performance.now()
    await boot(`alone-${index}`)
    alone.push(performance.now() - began)
  }
  const began = performance.now()
  let next = 0
  const worker = async () => {
    for (let index = next++; index < boots; index = next++) await boot(`web-${index}`)
  }
  await Promise.all(Array.from({ length: parallel }, worker))
  const perSecond = boots / ((performance.now() - began) / 1000)
  await working.close()
  return { perSecond, p50: alone.toSorted((a, b) => a - b)[15] ?? 0 }
}

const unlimited = async () => (await import('../../src/actions/quota/set.ts')).set

/** Durable appends a second, one after another: what the disk allows a program that waits for each. */
function bareWrites(directory: string): number {
  const fd = openSync(path.join(directory, 'bare'), 'a', 0o600)
  const line = Buffer.alloc(2048, 'x')
  const began = performance.now()
  for (let count = 0; count < 200; count++) {
    writeSync(fd, line)
    fdatasyncSync(fd)
  }
  closeSync(fd)
  return 200 / ((performance.now() - began) / 1000)
}
