/** What a fake host holds: the same answers as a real one's, from its files and its guests. */
import type { Clock } from '../../core/ports.ts'
import type { Host } from '../../hosts/host.ts'
import type { Driver, Survey, SurveyEntry } from '../driver.ts'
import type { Guest } from './guest.ts'

interface FakePlace {
  readonly host: Host
  readonly instancesPath: string
  readonly clock: Clock
}

const minute = 60_000

/** The fake's side of the doctor and of the image cache. */
export function fakeHoldings(place: FakePlace): Required<Pick<Driver, 'survey' | 'tidy' | 'removeCached'>> {
  const { host, instancesPath, clock } = place
  const at = (path: string) => `${instancesPath}/${path}`
  const isOlder = async (path: string, ms: number) => {
    const stat = await host.stat(at(path))
    return stat !== undefined && clock.wall() - stat.modifiedAt >= ms
  }
  return {
    survey: () => survey(place),
    async tidy(orders) {
      const done: string[] = []
      for (const order of orders) {
        if ('minutes' in order && !(await isOlder(order.path, order.minutes * minute))) continue
        if ((await host.stat(at(order.path))) === undefined) continue
        if (order.what === 'keep') {
          await host.mkdir(at('.lost'))
          await host.rename(at(order.path), at(`.lost/${order.path.replaceAll('/', '_')}.${clock.wall()}`))
        } else await host.remove(at(order.path))
        done.push(order.path)
      }
      return done
    },
    async removeCached(digests, unusedForSeconds) {
      const used = new Set((await survey(place)).named.map(({ digest }) => digest))
      const removed = []
      for (const digest of digests) {
        if (used.has(digest) || !(await isOlder(`_base/${digest}`, unusedForSeconds * 1000))) continue
        await host.remove(at(`_base/${digest}`))
        removed.push({ digest, bytes: 0 })
      }
      return removed
    },
  }
}

async function survey({ host, instancesPath, clock }: FakePlace): Promise<Survey> {
  const entries: SurveyEntry[] = []
  const named: { directory: string; digest: string }[] = []
  const look = async (path: string, depth: number): Promise<void> => {
    const stat = await host.stat(`${instancesPath}/${path}`)
    if (!stat) return
    const kind = stat.isDirectory ? 'directory' : 'file'
    entries.push({ path, kind, bytes: stat.size, modifiedAt: stat.modifiedAt, target: '' })
    if (!stat.isDirectory || depth === 0) return
    for (const name of await host.readdir(`${instancesPath}/${path}`)) await look(`${path}/${name}`, depth - 1)
  }
  for (const name of (await host.stat(instancesPath)) ? await host.readdir(instancesPath) : []) {
    await look(name, 1)
    for (const digest of await digestsOf(host, `${instancesPath}/${name}/guest.json`)) named.push({ directory: name, digest })
  }
  return { at: clock.wall(), entries, disks: [], named, sums: [] }
}

async function digestsOf(host: Host, path: string): Promise<string[]> {
  const bytes = await host.readFile(path)
  if (bytes === undefined) return []
  const { spec } = JSON.parse(bytes.toString('utf8')) as Partial<Guest>
  return (spec?.disks ?? []).flatMap(({ image }) => (image ? [image.digest] : []))
}
