import { expect, it } from 'vitest'
import { run } from '../../../../src/actions/doctor/run.ts'
import { migrate } from '../../../../src/actions/server/migrate.ts'
import { revert } from '../../../../src/actions/server/revert.ts'
import type { Finding } from '../../../../src/model/finding.ts'
import { performed } from '../../../support/a-context.ts'
import { aServerToMove } from '../../../support/moved-server.ts'

it('ends a revert whose destination did not answer, once it does', async () => {
  const { cloud, context, server, moves, running, findings } = await aServerToMove()
  await performed(migrate, { server: 'web-1', host: 'host-b' }, context)
  cloud.silent.add('host-b')
  await expect(performed(revert, { servers: ['web-1'] }, context)).rejects.toMatchObject({ kind: 'unreachable' })
  expect(await moves()).toEqual(['reverting'])
  cloud.silent.clear()
  const images = { ...context.images, has: async () => true }
  const examined = (fix: boolean) => performed(run, { fix }, { ...context, images }) as Promise<Finding[]>
  const [found] = (await examined(true)).filter(({ code }) => code === 'NVD005')
  expect(found).toMatchObject({ repair: 'revert its move from host-a to host-b to the end', fixed: true })
  expect(await examined(false)).toEqual([])
  expect(await running()).toEqual(['host-a'])
  expect(await server()).toMatchObject({ host: 'host-a', vmState: 'active', taskState: null })
  expect(await findings()).toEqual([])
})
