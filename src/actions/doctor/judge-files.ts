/** What lies on a host and belongs to nobody: put aside or swept away, never a disk removed. */
import type { Survey, SurveyEntry, TidyOrder } from '../../drivers/driver.ts'
import { isGuestId } from '../../drivers/guest-directory.ts'
import { countOf } from '../count-of.ts'
import { type Diagnosis, found } from './diagnosis.ts'
import type { Observation } from './look.ts'

/** What works on a file changes it at least once in that time. */
const temporaryMinutes = 60
/** An owner that was paused and wakes up after that finds no fence any more. */
const fenceMinutes = 7 * 24 * 60
const minuteMs = 60_000

/** The findings about one host's files. */
export function judgeFiles(host: string, survey: Survey, seen: Observation): Diagnosis[] {
  return [
    ...asideDirectories(host, survey, seen),
    ...temporaryFiles(host, survey),
    ...fences(host, survey, seen),
    ...reservations(host, survey, seen),
  ]
}

/** Whether an operation or a move may still want what the host has of that server. */
export const isUnderWay = (id: string, seen: Observation): boolean =>
  seen.openFlows.some(({ serverId }) => serverId === id) ||
  seen.openMoves.some(({ serverId }) => serverId === id) ||
  seen.servers.some((server) => server.id === id && server.taskState !== null)

/** A directory `<id>_<something>` is a guest that was put aside for a move. */
function asideDirectories(host: string, { entries }: Survey, seen: Observation): Diagnosis[] {
  return entries.flatMap(({ path, kind }) => {
    const id = path.slice(0, 36)
    if (kind !== 'directory' || !isGuestId(id) || path[36] !== '_' || path.includes('/') || isUnderWay(id, seen)) return []
    const name = seen.servers.find((server) => server.id === id)?.name
    const whose = name === undefined ? 'a server that is gone' : `server ${name}, which no move waits for`
    return [
      found('NVD014', `host ${host}`, `directory ${path} holds a guest that was put aside, of ${whose}`, {
        host,
        serverId: id,
        severity: 'warning',
        repair: 'put that directory into .lost',
        orders: [{ what: 'keep', path }],
      }),
    ]
  })
}

const temporaryName = /(\.part|\.upload|\.new)$|^\..*\.tmp$|^[0-9a-f]{64}\.lock$/

function temporaryFiles(host: string, { at, entries }: Survey): Diagnosis[] {
  const isOld = ({ modifiedAt }: SurveyEntry) => at - modifiedAt > temporaryMinutes * minuteMs
  const left = entries.filter((entry) => isTemporary(entry.path) && isOld(entry) && !isGrowing(entry, entries, isOld))
  if (left.length === 0) return []
  const bytes = left.reduce((sum, entry) => sum + entry.bytes, 0)
  const orders = left.map(({ path }): TidyOrder => ({ what: 'sweep', path, minutes: temporaryMinutes }))
  const message = `${countOf(left.length, 'temporary file')} with ${bytes} bytes, older than an hour: ${few(left.map(({ path }) => path))}`
  const facts = { host, severity: 'warning' as const, repair: 'remove them', orders }
  return [found('NVD015', `host ${host}`, message, facts)]
}

function isTemporary(path: string): boolean {
  const [first = '', name = first] = path.split('/')
  return first !== '.lost' && temporaryName.test(name)
}

/** The lock of a transfer is as old as its beginning; what it guards is younger. */
const isGrowing = ({ path }: SurveyEntry, entries: readonly SurveyEntry[], isOld: (entry: SurveyEntry) => boolean): boolean => {
  const digest = /([0-9a-f]{64})\.lock$/.exec(path)?.[1]
  return digest !== undefined && entries.some((entry) => entry.path.includes(`${digest}.part`) && !isOld(entry))
}

function fences(host: string, { at, entries }: Survey, seen: Observation): Diagnosis[] {
  const here = new Set(entries.map(({ path }) => path))
  const idOf = (path: string) => /^\.fences\/([0-9a-f-]{36})\.epoch$/.exec(path)?.[1] ?? ''
  const old = entries.filter(({ path, modifiedAt }) => {
    const id = idOf(path)
    return id !== '' && !here.has(id) && at - modifiedAt > fenceMinutes * minuteMs
  })
  if (old.length === 0) return []
  const living = new Set(seen.servers.map(({ id }) => id))
  const left = old.filter(({ path }) => !living.has(idOf(path)))
  if (left.length === 0) return []
  const orders = left.map(
    ({ path }): TidyOrder => ({ what: 'unfence', path: path.replace(/\.epoch$/, ''), minutes: fenceMinutes }),
  )
  const message = `${countOf(left.length, 'fence')} of servers that are gone for more than a week`
  return [found('NVD023', `host ${host}`, message, { host, severity: 'warning', repair: 'remove them', orders })]
}

function reservations(host: string, { entries }: Survey, seen: Observation): Diagnosis[] {
  const guests = new Set(entries.filter(({ path }) => isGuestId(path.slice(0, 36))).map(({ path }) => path.slice(0, 36)))
  const claimed = new Set(seen.servers.filter((server) => server.host === host).map(({ id }) => id))
  const left = entries.filter(
    ({ path, kind, target }) =>
      kind === 'link' &&
      /^\.(ports|cpus)\/\d+$/.test(path) &&
      !guests.has(target) &&
      !claimed.has(target) &&
      !isUnderWay(target, seen),
  )
  if (left.length === 0) return []
  const orders = left.map(({ path, target }): TidyOrder => ({ what: 'release', path, owner: target }))
  const message = `${few(left.map(({ path }) => path.slice(1)))} ${left.length === 1 ? 'is' : 'are'} reserved for servers that are not there`
  return [found('NVD024', `host ${host}`, message, { host, severity: 'warning', repair: 'give them back', orders })]
}

/** The first names, and how many more there are. */
const few = (names: readonly string[]) =>
  names.length <= 3 ? names.join(', ') : `${names.slice(0, 3).join(', ')} and ${names.length - 3} more`
