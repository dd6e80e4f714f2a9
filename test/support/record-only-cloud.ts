/** Records of every kind that actions change without a host, over any store. */
import { flowCatalogue } from '../../src/flows/catalogue.ts'
import { flowRunner } from '../../src/flows/runner.ts'
import type { Store } from '../../src/state/store.ts'
import { aContext, given, type TestContext } from './a-context.ts'
import { aFlavor } from './a-flavor.ts'
import { aHost } from './a-host.ts'
import { aServer } from './a-server.ts'
import { aService } from './a-service.ts'
import { anImage } from './an-image.ts'

const createdAt = '2026-01-01T00:00:00.000Z'
const noFile = () => {
  throw new Error('nothing here needs a file of an image')
}

/** Two hosts with two servers of p1 on the first one, and some of everything else; the caller alice is an administrator. */
export async function aRecordOnlyCloud(store?: Store): Promise<TestContext> {
  const context = aContext(store ? { store } : {})
  const processes = { self: () => ({ pid: 1, startTime: '1', bootId: 'boot' }), isAlive: () => true }
  const images = { ...context.images, path: noFile }
  const flows = flowRunner({ catalogue: flowCatalogue, tools: { ...context, images }, processes })
  await given(context, 'hosts', aHost(), aHost({ name: 'h2', enabled: false, disabledReason: 'broken' }))
  await given(context, 'images', anImage({ properties: [['y', '1']] }), anImage({ id: 'k1', name: 'kernel', format: 'kernel' }))
  await given(context, 'flavors', aFlavor({ name: 'a' }), aFlavor({ id: 'f2', name: 'b', extraSpecs: [['x', '1']] }))
  const metadata: [string, string][] = [['x', '1']]
  await given(
    context,
    'aggregates',
    { id: 'a1', generation: 1, name: 'a', hosts: [], metadata, createdAt },
    { id: 'a2', generation: 1, name: 'b', hosts: ['h1', 'h2'], metadata, createdAt },
  )
  const group = { generation: 1, projectId: 'p1', policy: 'affinity', maxServerPerHost: null, createdAt } as const
  await given(context, 'serverGroups', { ...group, id: 'g1', name: 'a' }, { ...group, id: 'g2', name: 'b' })
  const key = { generation: 1, userId: 'alice', type: 'ssh', publicKey: '', fingerprint: '', sha256: '', createdAt } as const
  await given(context, 'keypairs', { ...key, id: 'alice/a', name: 'a' })
  await given(context, 'servers', aServer(), aServer({ id: 's2', name: 'web-2', metadata: [['role', 'front']] }))
  await given(context, 'services', aService())
  return { ...context, flows }
}
