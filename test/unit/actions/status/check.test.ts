import { expect, it } from 'vitest'
import type { Context } from '../../../../src/actions/context.ts'
import { check } from '../../../../src/actions/status/check.ts'
import { isOlder } from '../../../../src/actions/status/upgrade-checks.ts'
import { iso } from '../../../../src/core/time.ts'
import type { Service } from '../../../../src/model/service.ts'
import { aContext, given, performed } from '../../../support/a-context.ts'
import { aHost, anInventory } from '../../../support/a-host.ts'
import { aService } from '../../../support/a-service.ts'
import { anUpkeep } from '../../../support/an-upkeep.ts'

type Change = Partial<Omit<Context, 'clock' | 'images'>>
type Results = { check: string; result: string; details: string | null }[]

/** The results that are not a success. */
const wrongWith = async (change: Change) =>
  ((await performed(check, {}, aContext(change))) as Results).filter(({ result }) => result !== 'Success')

it('finds nothing in an empty cloud', async () => {
  const results = (await performed(check, {}, aContext())) as Results
  expect(results.map(({ result }) => result)).toEqual(Array.from({ length: 8 }, () => 'Success'))
})

it('warns of records in an older form', async () => {
  const facts = async () => ({ place: '/srv/nova', schema: 1, known: 2, pending: ['live moves'] })
  expect(await wrongWith({ upkeep: async () => anUpkeep({ facts }) })).toMatchObject([
    { check: 'State schema', result: 'Warning', details: /1 change .*live moves.*db sync/ },
  ])
  expect(await wrongWith({ upkeep: async () => anUpkeep({ olderRecords: async () => 3 }) })).toMatchObject([
    { check: 'Online data migrations', result: 'Warning', details: /3 records in an older form.*online_data_migrations/ },
  ])
})

it('fails for a damaged journal, wrong settings, and a check that cannot be made', async () => {
  const report = { survives: [], snapshotRevision: 0, tornBytes: 0, segments: 1 }
  const verifyJournal = async () => ({ ...report, problems: [{ file: 'j', message: 'j line 3: its checksum is wrong' }] })
  const checkConfiguration = async () => ['unknown setting "x"']
  const upkeep = async () => {
    throw new Error('the database is away')
  }
  expect(await wrongWith({ verifyJournal, checkConfiguration, upkeep })).toMatchObject([
    { check: 'State schema', result: 'Failure', details: 'the database is away' },
    { check: 'Journal', result: 'Failure' },
    { check: 'Online data migrations', result: 'Failure' },
    { check: 'Configuration', result: 'Failure' },
  ])
})

it('warns of hypervisors that are older than what is tested, and of hosts that nobody asked', async () => {
  const old = anInventory({ hypervisorVersion: '6.0.1' })
  const context = aContext()
  await given(context, 'hosts', aHost({ id: 'h1', name: 'h1', inventory: old }))
  const results = (await performed(check, {}, context)) as Results
  expect(results.find((row) => row.check === 'Hypervisor versions')).toMatchObject({
    result: 'Warning',
    details: /h1 \(QEMU 6.0.1\)/,
  })
})

it('warns of older services that are up, and fails for those that are too old', async () => {
  const withServices = async (...services: Partial<Service>[]) => {
    const context = aContext()
    const lastSeen = iso(context.clock.wall())
    await given(
      context,
      'services',
      ...services.map((one) => aService({ lastSeen, understands: { records: 1, messages: 2 }, ...one })),
    )
    const results = (await performed(check, {}, context)) as Results
    return results.find((row) => row.check === 'Older services')
  }
  const older = { understands: { records: 0, messages: 1 } }
  expect(await withServices({})).toMatchObject({ result: 'Success' })
  expect(await withServices({}, { id: 'c2', ...older })).toMatchObject({ result: 'Warning', details: /^older .*: c2; .*--plan/ })
  expect(await withServices({}, { id: 'c2', ...older, process: null })).toMatchObject({ result: 'Success' })
  expect(await withServices({ version: '0.3.0' }, { id: 'c2' })).toMatchObject({ result: 'Failure', details: /c2 \(0\.1\.0\)/ })
})

it.each([
  ['7.2.15', false],
  ['7.1', true],
  ['10.0.2', false],
  ['unknown', true],
])('compares version %s by its numbers', (version, older) => {
  expect(isOlder(version, [7, 2])).toBe(older)
})
