/** Small actions with every kind of field, for tests of the command line. */
import type { Action } from '../../src/core/action.ts'
import type { Call } from '../../src/core/call.ts'
import { count, list, number, object, pairs, reference, text, z } from '../../src/core/schema.ts'

const thing = z.strictObject({
  id: z.string(),
  name: z.string(),
  size: z.int(),
  tags: z.array(z.tuple([z.string(), z.string()])),
  createdAt: z.string(),
})
export type Thing = z.infer<typeof thing>

/** A thing with defaults. */
export const aThing = (change: Partial<Thing> = {}): Thing => ({
  id: 'id-1',
  name: 'one',
  size: 2048,
  tags: [['a', '1']],
  createdAt: '2026-01-01T11:57:00.000Z',
  ...change,
})

const declare = <I, O>(action: Action<I, O, Call>): Action<I, O, Call> => action

export const createThing = declare({
  name: 'thing.create',
  summary: 'create a thing',
  effect: 'write',
  policy: 'member',
  input: object({
    name: text().describe('name of the thing'),
    kind: z.enum(['big', 'small']).optional().describe('what it is'),
    image: reference().describe('what it is made of'),
    minRam: count(0, 100).default(0).describe('memory it needs'),
    ratio: number(0, 10).optional().describe('how much'),
    labels: list(text(), 5).default([]).describe('label'),
    tags: pairs().default([]).describe('tag'),
    wait: z.boolean().default(true).describe('wait for it'),
    loud: z.boolean().default(false).describe('noise'),
    userData: text(100).optional().describe('data'),
    password: text().optional().describe('password'),
  }),
  output: thing,
  secrets: ['password'],
  run: async () => aThing(),
})

export const listThings = declare({
  name: 'thing.list',
  summary: 'list things',
  effect: 'read',
  policy: 'reader',
  input: object({ limit: count(1, 1000).default(1000).describe('at most this many') }),
  output: z.array(thing),
  run: async () => [aThing()],
})

export const deleteThings = declare({
  name: 'thing.delete',
  summary: 'delete things',
  effect: 'destroy',
  policy: 'member',
  input: object({
    things: list(reference()).default([]).describe('names or ids'),
    all: z.boolean().default(false).describe('all of them'),
  }),
  output: z.array(thing),
  run: async () => [],
})
