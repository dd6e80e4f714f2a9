/** Asks hosts what they hold; those that do not answer are named and stop nobody. */
import { asFault, Fault } from '../../core/fault.ts'
import type { Survey } from '../../drivers/driver.ts'
import { type Context, reading } from '../context.ts'
import { find } from '../find.ts'
import { findEach } from '../find-each.ts'
import { type CachedImage, cachedImages } from './cached-images.ts'

/** The caches of the hosts, all when none is named. A `Fault` for a host that was named and does not answer. */
export async function cachesOf(hosts: readonly string[], context: Context): Promise<{ host: string; cached: CachedImage[] }[]> {
  const { records, images } = await reading(context, async (reader) => ({
    records:
      hosts.length === 0
        ? await reader.list('hosts')
        : await findEach(hosts, false, (host) => find(reader, 'hosts', host, context)),
    images: await reader.list('images'),
  }))
  const answers = await Promise.all(records.map(async ({ name }) => ({ host: name, survey: await surveyOf(name, context) })))
  return answers.flatMap(({ host, survey }) => {
    if (!(survey instanceof Fault)) return [{ host, cached: cachedImages(host, survey, images) }]
    if (hosts.length > 0) throw survey
    context.progress({ type: 'note', message: `host ${host} is left out: ${survey.message}` })
    return []
  })
}

const surveyOf = (host: string, context: Context): Promise<Survey | Fault> =>
  context.compute
    .call({ host, method: 'survey', args: { deep: false }, serverId: null, epoch: 0, signal: context.signal })
    .catch(asFault)
