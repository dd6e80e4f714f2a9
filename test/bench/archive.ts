/**
 * The archive of 100,000 deleted servers with what belongs to them: records a second and memory of one process, and what it
 * does to boots of the same process. Compared with reading the same records and writing them compressed, without any care.
 */
import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { gzipSync } from 'node:zlib'
import { archive } from '../../src/actions/db/archive.ts'
import { add } from '../../src/actions/host/add.ts'
import { set as setQuota } from '../../src/actions/quota/set.ts'
import { create } from '../../src/actions/server/create.ts'
import { remove } from '../../src/actions/server/delete.ts'
import { openEmbedded, type Session } from '../../src/main.ts'
import { openJsonStore } from '../../src/state/json/json-store.ts'
import { systemClock } from '../../src/system/clock.ts'
import { systemFs } from '../../src/system/fs.ts'
import { cpuOf, memoryOf } from './process-usage.ts'
import type { Row } from './row.ts'

const servers = Number(process.env.NOVA_BENCH_ARCHIVE ?? 100_000)
const early = '2026-01-01T00:00:00.000Z'
const late = '2026-02-01T00:00:00.000Z'
const boots = 300
const parallel = 8
const options = { signal: new AbortController().signal, progress: () => undefined }

export async function benchArchive(): Promise<Row[]> {
  const directory = mkdtempSync(path.join(os.tmpdir(), 'nk-'))
  const hypervisor = mkdtempSync(path.join(existsSync('/dev/shm') ? '/dev/shm' : os.tmpdir(), 'nk-'))
  const state = path.join(directory, 'state')
  try {
    const sample = await populate(state, hypervisor)
    const bare = bareArchive(sample)
    const { perSecond, perCpuSecond, idleMb, peakMb } = await measureProcess(state)
    const { alone, during } = await measureBoots(state)
    return [
      row(
        'archive of deleted servers, records',
        perSecond,
        '/s',
        'parse and gzip alone',
        bare,
        '≥ 20,000 /s',
        perSecond >= 20_000,
      ),
      row(
        'archive of deleted servers, records a second of its processor time',
        perCpuSecond,
        '/s',
        'parse and gzip alone',
        bare,
        '≥ 20,000 /s',
        perCpuSecond >= 20_000,
      ),
      row(
        'memory of the archiving process',
        peakMb,
        'MB',
        'a process that lists',
        idleMb,
        '≤ 400 MB more',
        peakMb - idleMb <= 400,
      ),
      row('p99 of a boot during the archive', during, 'ms', 'without it', alone, '≤ 2×', during <= 2 * alone),
    ]
  } finally {
    for (const made of [directory, hypervisor]) rmSync(made, { recursive: true, force: true })
  }
}

const row = (
  work: string,
  value: number,
  unit: string,
  comparedWith: string,
  comparison: number,
  budget: string,
  met: boolean,
): Row => ({
  work: `${work} (${servers.toLocaleString('en')})`,
  value,
  unit,
  comparedWith,
  comparison,
  ratio: value / comparison,
  budget,
  met,
})

/** Really boots and deletes one server, then multiplies its records; half of them were deleted early, half late. */
async function populate(state: string, hypervisor: string): Promise<readonly string[]> {
  const session = await openSession(state)
  for (let index = 0; index < 10; index++)
    await session.perform(add, { name: `h${index}`, driver: 'fake', instancesPath: path.join(hypervisor, `h${index}`) }, options)
  await session.perform(setQuota, { project: 'bench', instances: -1, cores: -1, ram: -1 }, options)
  await boot(session, 'sample')
  await session.perform(remove, { servers: ['sample'] }, options)
  await session.close()
  writeFileSync(path.join(state, 'settings.json'), JSON.stringify({ maxInstancesPerHost: 10_000, maxIoOpsPerHost: 10_000 }))
  const store = openJsonStore({ directory: state, fs: systemFs, clock: systemClock })
  const [server] = await store.read((reader) => reader.list('servers'))
  const flows = await store.read((reader) => reader.list('flows'))
  const [request] = await store.read((reader) => reader.list('requests'))
  if (!server || !request) throw new Error('the sample was not booted')
  for (let from = 0; from < servers; from += 500) {
    await store.transaction({ actor: 'bench', request: 'bench', action: 'bench' }, async (tx) => {
      for (let index = from; index < Math.min(servers, from + 500); index++) {
        const id = `${String(index).padStart(8, '0')}${server.id.slice(8)}`
        const deletedAt = index < servers / 2 ? early : late
        await tx.insert('servers', { ...server, id, requestId: `req-${id}`, deletedAt })
        for (const [nth, flow] of flows.entries())
          await tx.insert('flows', {
            ...flow,
            id: `${id}-${nth}`,
            serverId: id,
            requestId: `req-${nth === 0 ? '' : 'delete-'}${id}`,
          })
        await tx.insert('requests', { ...request, id: `req-${id}`, serverIds: [id] })
      }
    })
  }
  await store.compact({ force: true })
  await store.close()
  return [server, ...flows, request].map((record) => JSON.stringify(record))
}

const openSession = (stateDirectory: string) =>
  openEmbedded({ stateDirectory, userId: 'bench', projectId: 'bench', roles: ['admin'] })

const boot = (session: Session, name: string) =>
  session.perform(create, { name, flavor: 'm1.tiny', configDrive: false, nic: 'none' }, options)

/** Records a second that one thread parses, writes as JSON again and compresses. */
function bareArchive(sample: readonly string[]): number {
  const began = performance.now()
  let records = 0
  while (performance.now() - began < 1000) {
    const lines = Array.from({ length: 250 }, () => sample.map((text) => JSON.stringify(JSON.parse(text))).join('\n'))
    gzipSync(lines.join('\n'), { level: 1 })
    records += 250 * sample.length
  }
  return records / ((performance.now() - began) / 1000)
}

async function measureProcess(
  state: string,
): Promise<{ perSecond: number; perCpuSecond: number; idleMb: number; peakMb: number }> {
  const list = await nova(state, ['list', '--deleted', '--limit', '1'])
  const { ms, cpuSeconds, peakMb, out } = await nova(state, ['db', 'archive', '--before', '2026-01-15', '--json'])
  const { records } = JSON.parse(out) as { records: number }
  return { perSecond: records / (ms / 1000), perCpuSecond: records / cpuSeconds, idleMb: list.peakMb, peakMb }
}

interface Ran {
  readonly ms: number
  readonly cpuSeconds: number
  readonly peakMb: number
  readonly out: string
}

/** Runs the release and watches its processor time and the most memory that it ever had. */
async function nova(state: string, args: readonly string[]): Promise<Ran> {
  const began = performance.now()
  const child = spawn(process.execPath, [path.resolve('bin/run.js'), ...args, '--state', state], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let out = ''
  let peak = 0
  let cpuSeconds = 0
  child.stdout.on('data', (bytes) => {
    out += bytes
  })
  const watch = setInterval(() => {
    peak = Math.max(peak, memoryOf(child.pid ?? 0).peak)
    cpuSeconds = Math.max(cpuSeconds, cpuOf(child.pid ?? 0))
  }, 20)
  const code = await new Promise((resolve) => child.on('close', resolve))
  clearInterval(watch)
  if (code !== 0) throw new Error(`nova ${args.join(' ')} ended with ${code}`)
  return { ms: performance.now() - began, cpuSeconds, peakMb: peak / 1024 ** 2, out }
}

/** p99 of boots in one process, alone and while the same process archives the other half. */
async function measureBoots(state: string): Promise<{ alone: number; during: number }> {
  const session = await openSession(state)
  await bootMany(session, 'warm', () => false)
  const alone = p99(await bootMany(session, 'alone', () => false))
  let isOver = false
  const archiving = session.perform(archive, {}, options).finally(() => {
    isOver = true
  })
  const during = p99(await bootMany(session, 'during', () => isOver))
  await archiving
  await session.close()
  return { alone, during }
}

async function bootMany(session: Session, name: string, isOver: () => boolean): Promise<number[]> {
  const times: number[] = []
  let next = 0
  const worker = async () => {
    for (let index = next++; index < boots && !isOver(); index = next++) {
      const began = performance.now()
      await boot(session, `${name}-${index}`)
      times.push(performance.now() - began)
    }
  }
  await Promise.all(Array.from({ length: parallel }, worker))
  return times
}

const p99 = (times: readonly number[]) => times.toSorted((a, b) => a - b)[Math.floor(times.length * 0.99)] ?? 0
