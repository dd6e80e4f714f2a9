/** The oracle of R18 is itself checked: what it must find, and what it must let pass. */
import { describe, expect, it } from 'vitest'
import { drawSwizzle, type Link, swizzles } from './parted/links.ts'
import { drawOrders, type Told } from './parted/orders.ts'
import {
  answerFindings,
  doubleFindings,
  type Evacuated,
  evacuationFindings,
  fenceFindings,
  openFindings,
} from './parted/parted-oracle.ts'
import { seeded } from './runner/seeded.ts'

describe('what hosts saw of the owners', () => {
  it('may be of several servers and of owners that follow each other', () => {
    expect(fenceFindings('hv1', ['a 5 run qemu', 'b 3 mkdir', 'a 5 write', 'a 9 remove', 'b 3 run'])).toEqual([])
  })
  it.each([
    ['an owner that was replaced and acts', ['a 5 mkdir', 'a 9 write', 'a 5 run'], /epoch 5 acted after one of 9/],
    ['one that acts between two of its successor', ['a 9 run', 'a 5 run', 'a 9 run'], /epoch 5/],
    ['a line that says no epoch', ['a mkdir run'], /nobody understands/],
  ])('is wrong with %s', (_, lines, what) => {
    expect(fenceFindings('hv1', lines)).toEqual([expect.stringMatching(what)])
  })
})

const told = (change: Partial<Told>): Told => ({
  ...{ word: 'boot', server: 's', at: 0, afterMs: 0, end: 'done', message: '', id: 'i', askedMs: 0, endedMs: 1 },
  ...change,
})

describe('what people were told', () => {
  it('may be that somebody could not be reached in time', () => {
    const answers = [told({}), told({ end: 'unreachable' }), told({ end: 'timeout' }), told({ end: 'conflict' })]
    expect(answerFindings(answers, 1000, new Set())).toEqual([])
  })
  it.each([
    ['nothing at all', told({ end: undefined }), 'LIVE boot s was not answered'],
    ['that nothing was changed, and it was', told({ end: 'unreachable', message: 'nothing was changed' }), 'ACK boot s is there'],
    ['a defect of ours', told({ end: 'internal', message: 'undefined is not' }), 'SAFE boot s: undefined is not'],
  ])('is wrong when it is %s', (_, one, what) => {
    expect(answerFindings([told({}), one], 1000, new Set(['s']))).toEqual([expect.stringContaining(what)])
  })
})

describe('the records afterwards', () => {
  it('are wrong when a boot was carried out twice', () => {
    expect(doubleFindings([{ name: 'a' }, { name: 'b' }])).toEqual([])
    expect(doubleFindings([{ name: 'a' }, { name: 'b' }, { name: 'a' }])).toEqual(['IDEM a was built 2 times'])
  })
  it('are wrong while an operation is open', () => {
    const fault = { kind: 'unreachable', message: 'host hv1 is away' } as const
    expect(openFindings([{ action: 'stop', label: 'a', status: 'blocked', fault }])).toEqual([
      'LIVE stop a is still blocked: host hv1 is away',
    ])
  })
})

describe('an evacuation without proof', () => {
  const refused: Evacuated = { what: 'evacuate a', code: 2, stderr: 'error: refused', from: 'hv1', to: 'hv1', flows: 0 }
  it('is refused and leaves the server where it is', () => {
    expect(evacuationFindings(refused)).toEqual([])
  })
  it.each([
    ['it is accepted', { code: 0 }, 'was accepted'],
    ['the server has moved', { to: 'hv2' }, 'on hv2, not on hv1'],
    ['it has begun', { flows: 1 }, 'began 1'],
    ['it fails by a defect', { stderr: 'error (internal)' }, 'SAFE'],
  ])('is wrong when %s', (_, change, what) => {
    expect(evacuationFindings({ ...refused, ...change })).toEqual([expect.stringContaining(what)])
  })
})

describe('a swizzle', () => {
  const links = (log: string[]): Link[] =>
    ['a', 'b', 'c'].map((name) => {
      const wire = (way: string) => ({
        cut: () => void log.push(`cut ${name} ${way}`),
        heal: () => log.push(`heal ${name} ${way}`) && 1,
      })
      return { name, kind: 'host', out: wire('out'), back: wire('back') }
    })
  it('is the same for the same seed, and so are the orders', () => {
    const draw = (seed: number) => {
      const roll = seeded(seed)
      return JSON.stringify([
        drawSwizzle(links([]), undefined, roll),
        drawOrders({ servers: ['a', 'b'], fresh: 'n', controllers: 2 }, roll),
      ])
    }
    expect(draw(7)).toBe(draw(7))
    expect(draw(7)).not.toBe(draw(8))
  })
  it('heals whatever it cut, also when what is done meanwhile fails', async () => {
    const log: string[] = []
    const [a] = links(log)
    if (!a) throw new Error('no link')
    const cuts = [{ link: a, way: 'both ways' }] as const
    const order = { cuts, heals: cuts, gapMs: 0, holdMs: 0 }
    expect(await swizzles(order)).toEqual(new Map([['host', 2]]))
    await expect(swizzles(order, () => Promise.reject(new Error('worse')))).rejects.toThrow('worse')
    expect(log).toEqual([
      'cut a out',
      'cut a back',
      'heal a out',
      'heal a back',
      'cut a out',
      'cut a back',
      'heal a out',
      'heal a back',
    ])
  })
  it('cuts one direction alone where it is asked to', async () => {
    const log: string[] = []
    const [a] = links(log)
    if (!a) throw new Error('no link')
    const cuts = [{ link: a, way: 'on the way back' }] as const
    await swizzles({ cuts, heals: cuts, gapMs: 0, holdMs: 0 })
    expect(log).toEqual(['cut a back', 'heal a back'])
  })
})
