/** Everything that lies below a host's instances directory, in one round trip: the doctor and the image cache look at it. */
import { Fault } from '../core/fault.ts'
import type { DriverContext } from './driver-context.ts'
import type { Survey, SurveyDisk, SurveyEntry } from './holdings.ts'
import { backingOf } from './qcow2-header.ts'
import { surveyScript } from './survey-script.ts'

const deadlineMs = 120_000
/** Hashing a whole cache at the lowest priority. */
const deepDeadlineMs = 4 * 3600 * 1000
const maxOutput = 256 * 1024 ** 2

/** Looks at the host; `deep` also reads every cached image, at the lowest priority. */
export async function survey({ host, instancesPath }: DriverContext, { deep }: { readonly deep: boolean }): Promise<Survey> {
  const { stdout } = await host.run(['sh', '-c', surveyScript, 'survey', instancesPath, deep ? 'deep' : ''], {
    effect: 'read',
    maxOutput,
    deadlineMs: deep ? deepDeadlineMs : deadlineMs,
  })
  const rows = stdout.split('\0').map((row) => row.split('\t'))
  const of = (tag: string) => rows.filter(([first]) => first === tag).map(([, ...rest]) => rest)
  const at = Number(of('time')[0]?.[0]) * 1000
  if (!Number.isFinite(at)) throw new Fault('internal', `host ${host.name} did not say what its time is`)
  const entries = of('entry').flatMap(entryOf)
  const known = new Set(entries.map(({ path }) => `${instancesPath}/${path}`))
  const disks = of('disk').map(([header = '', path = '']) => diskOf(path, Buffer.from(header, 'base64')))
  return {
    at,
    entries,
    disks: await Promise.all(disks.map(async (disk) => ({ ...disk, hasBacking: await isThere(disk.backing) }))),
    named: of('named').flatMap(([lines = '']) => namedIn(lines)),
    sums: of('sums').flatMap(([lines = '']) => sumsIn(lines)),
  }

  async function isThere(path: string | null): Promise<boolean> {
    if (path === null || known.has(path)) return true
    if (path.startsWith(`${instancesPath}/_base/`) || !path.startsWith('/')) return false
    return (await host.stat(path)) !== undefined
  }
}

const kinds = new Map([
  ['f', 'file'],
  ['d', 'directory'],
  ['l', 'link'],
] as const)

function entryOf([kind = '', bytes, seconds, target = '', ...path]: string[]): SurveyEntry[] {
  if (path.length === 0) return []
  const known = [...kinds].find(([letter]) => letter === kind)?.[1] ?? 'other'
  return [{ path: path.join('\t'), kind: known, bytes: Number(bytes), modifiedAt: Math.round(Number(seconds) * 1000), target }]
}

function diskOf(path: string, header: Buffer): Omit<SurveyDisk, 'hasBacking'> {
  try {
    return { path, backing: backingOf(header), damage: null }
  } catch (error) {
    return { path, backing: null, damage: error instanceof Error ? error.message : String(error) }
  }
}

const namedIn = (lines: string) =>
  [...lines.matchAll(/^(.*)\/guest\.json:.*"([0-9a-f]{64})"$/gm)].map(([, directory = '', digest = '']) => ({
    directory,
    digest,
  }))

const sumsIn = (lines: string) =>
  [...lines.matchAll(/^([0-9a-f]{64}) [ *]\.\/([0-9a-f]{64})$/gm)].map(([, digest = '', name = '']) => ({ name, digest }))
