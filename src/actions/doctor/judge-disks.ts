/** Whether the disks on a host still stand on what they were made from. */
import type { Survey } from '../../drivers/driver.ts'
import { type Diagnosis, found } from './diagnosis.ts'
import { isUnderWay } from './judge-files.ts'
import type { Observation } from './look.ts'

/** The findings about one host's overlays and base images. */
export function judgeDisks(host: string, survey: Survey, seen: Observation): Diagnosis[] {
  return [...brokenDisks(host, survey, seen), ...missingBases(host, survey, seen), ...damagedBases(host, survey, seen)]
}

/** Name of the server that a path belongs to, or the path itself. */
const ownerOf = (path: string, seen: Observation) =>
  seen.servers.find(({ id }) => path.startsWith(id))?.name ?? path.split('/')[0] ?? path

const isLost = (path: string) => path.startsWith('.lost/')

function brokenDisks(host: string, { disks }: Survey, seen: Observation): Diagnosis[] {
  return disks.flatMap(({ path, backing, hasBacking, damage }) => {
    const id = path.slice(0, 36)
    const isBase = backing !== null && digestOf(backing) !== undefined
    if ((damage === null && (hasBacking || isBase)) || isLost(path) || isUnderWay(id, seen)) return []
    const server = seen.servers.find((one) => one.id === id)
    const object = server ? `server ${server.name}` : `host ${host}`
    return [
      found('NVD017', object, `disk ${path} on ${host}: ${damage ?? `its backing file ${backing} is not there`}`, {
        host,
        serverId: id,
      }),
    ]
  })
}

const digestOf = (path: string) => /\/_base\/([0-9a-f]{64})$/.exec(path)?.[1]

/** Guests by the image that their disks, or their definition, need. */
export function usersOf({ disks, named }: Survey): Map<string, Set<string>> {
  const users = new Map<string, Set<string>>()
  const add = (digest: string | undefined, path: string) => {
    if (digest !== undefined) users.set(digest, (users.get(digest) ?? new Set()).add(path.replace(/\/[^/]*$/, '')))
  }
  for (const { path, backing } of disks) if (backing !== null) add(digestOf(backing), path)
  for (const { directory, digest } of named) add(digest, `${directory}/guest.json`)
  return users
}

function missingBases(host: string, survey: Survey, seen: Observation): Diagnosis[] {
  const cached = new Set(
    survey.entries.filter(({ path }) => path.startsWith('_base/')).map(({ path }) => path.slice('_base/'.length)),
  )
  return [...usersOf({ ...survey, named: [] })].flatMap(([digest, directories]) => {
    if (cached.has(digest)) return []
    const needing = [...directories].filter((path) => !isLost(path) && !isUnderWay(path.slice(0, 36), seen))
    if (needing.length === 0) return []
    const who = needing.map((path) => ownerOf(path, seen)).join(', ')
    const message = `base image ${digest.slice(0, 12)}… is missing, and the disks of ${who} are based on it`
    const repair = seen.storedDigests.has(digest) ? 'bring the image there again' : null
    return [found('NVD016', `host ${host}`, message, { host, digest, repair })]
  })
}

function damagedBases(host: string, survey: Survey, seen: Observation): Diagnosis[] {
  const users = usersOf(survey)
  return damages(survey, seen).map(([digest, why]) => {
    const path = `_base/${digest}`
    const who = [...(users.get(digest) ?? [])].filter((one) => !isLost(one)).map((one) => ownerOf(one, seen))
    const isStored = seen.storedDigests.has(digest)
    const cure = isStored ? 'put it into .lost and bring the image there again' : 'put it into .lost'
    const repair = isStored || who.length === 0 ? cure : null
    const needed = who.length === 0 ? '' : `; ${who.join(', ')} need it`
    return found('NVD018', `host ${host}`, `base image ${digest.slice(0, 12)}… is damaged: ${why}${needed}`, {
      host,
      repair,
      orders: [{ what: 'keep', path }],
      digest: isStored ? digest : null,
    })
  })
}

/** Digest and reason; the size is known without reading. */
function damages({ entries, sums }: Survey, { imageSizes }: Observation): [string, string][] {
  const wrong = new Map<string, string>()
  for (const { name, digest } of sums) if (name !== digest) wrong.set(name, `its content has SHA-256 ${digest.slice(0, 12)}…`)
  for (const { path, kind, bytes } of entries) {
    const digest = /^_base\/([0-9a-f]{64})$/.exec(path)?.[1]
    const size = digest === undefined || kind !== 'file' ? undefined : imageSizes.get(digest)
    if (digest !== undefined && size !== undefined && size !== bytes) wrong.set(digest, `it has ${bytes} of ${size} bytes`)
  }
  return [...wrong]
}
