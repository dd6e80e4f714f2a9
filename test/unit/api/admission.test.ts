import { expect, it } from 'vitest'
import { admission } from '../../../src/api/admission.ts'

it('serves projects in turn, however many calls each has in line', async () => {
  const gate = admission({ running: 1, waiting: 10 })
  const order: string[] = []
  const first = await gate.admit('a', false)
  const call = (project: string) =>
    gate.admit(project, false).then((release) => {
      order.push(project)
      release()
    })
  const calls = ['a', 'a', 'a', 'b', 'c'].map(call)
  first()
  await Promise.all(calls)
  expect(order).toEqual(['a', 'b', 'c', 'a', 'a'])
  expect([gate.running, gate.waiting]).toEqual([0, 0])
})

it('refuses what finds no place, and lets administrators pass', async () => {
  const gate = admission({ running: 1, waiting: 1 })
  const release = await gate.admit('a', false)
  const waiting = gate.admit('a', false)
  await expect(gate.admit('b', false)).rejects.toMatchObject({ kind: 'unreachable', details: { retryAfterSeconds: 1 } })
  const admin = await gate.admit('ops', true)
  expect([gate.running, gate.waiting, gate.refused]).toEqual([2, 1, 1])
  for (const done of [release, await Promise.resolve(admin)]) done()
  ;(await waiting)()
  expect([gate.running, gate.waiting]).toEqual([0, 0])
})

it('counts a release that is called twice once', async () => {
  const gate = admission({ running: 2, waiting: 0 })
  const release = await gate.admit('a', false)
  release()
  release()
  expect(gate.running).toBe(0)
})
