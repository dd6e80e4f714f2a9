import { beforeEach, describe, expect, it } from 'vitest'
import { Fault } from '../../../src/core/fault.ts'
import { look, type RunnerOptions, type Timed } from '../../../src/periodic/runner.ts'
import { fixedClock } from '../../support/a-context.ts'

const settled = () => new Promise<void>((resolve) => setImmediate(resolve))

let wall: number
let now: number
let ran: string[]
let notes: string[]
let tasks: Timed[]
let run: (name: string, signal: AbortSignal) => Promise<unknown>
let isLeader: boolean
let deadlines: AbortController[]
let turns: Parameters<typeof look>[1]

const options: RunnerOptions = {
  tasks: () => tasks,
  run: async (name, signal) => {
    ran.push(name)
    await run(name, signal)
  },
  isLeader: () => isLeader,
  clock: {
    ...fixedClock(),
    wall: () => wall,
    monotonic: () => now,
    deadline: () => {
      const controller = new AbortController()
      deadlines.push(controller)
      return controller.signal
    },
  },
  random: { bytes: () => Uint8Array.of(127) },
  spreadMs: () => 10_000,
  note: (message) => void notes.push(message),
}
const alive = new AbortController().signal

/** Looks once a second, as the runner does. */
async function pass(seconds: number): Promise<void> {
  for (let second = 0; second < seconds; second += 1) {
    now += 1000
    look(options, turns, alive)
    await settled()
  }
}

beforeEach(() => {
  wall = 0
  now = 0
  ran = []
  notes = []
  tasks = [{ name: 'sync', everyMs: 60_000 }]
  run = async () => undefined
  isLeader = true
  deadlines = []
  turns = new Map()
})

describe('periodic tasks', () => {
  it('begin within the spread, and then at their interval', async () => {
    await pass(10)
    expect(ran).toHaveLength(1)
    await pass(600)
    expect(ran.length).toBeGreaterThanOrEqual(10)
    expect(ran.length).toBeLessThanOrEqual(12)
  })

  it('do not care when the wall clock jumps', async () => {
    await pass(10)
    wall = -1e12
    await pass(30)
    wall = 1e12
    await pass(10)
    expect(ran).toHaveLength(1)
  })

  it('run once after a stop of a day', async () => {
    await pass(10)
    now += 86_400_000
    await pass(5)
    expect(ran).toHaveLength(2)
  })

  it('go on beside one that hangs, which is not begun twice', async () => {
    tasks = [
      { name: 'hangs', everyMs: 1000 },
      { name: 'works', everyMs: 1000 },
    ]
    run = (name) => (name === 'hangs' ? new Promise(() => undefined) : Promise.resolve())
    await pass(30)
    expect(ran.filter((name) => name === 'hangs')).toHaveLength(1)
    expect(ran.filter((name) => name === 'works').length).toBeGreaterThan(10)
  })

  it('are told when their time is over, and run again after that', async () => {
    run = (_, signal) =>
      new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => reject(new Fault('timeout', 'it did not end in its time')))
      })
    await pass(20)
    deadlines[0]?.abort()
    await settled()
    expect(notes).toEqual(['periodic task sync: it did not end in its time'])
    await pass(70)
    expect(ran).toHaveLength(2)
  })

  it('go on after an error', async () => {
    run = async () => {
      throw new Fault('unreachable', 'host kvm1 does not answer')
    }
    await pass(200)
    expect(ran.length).toBeGreaterThanOrEqual(3)
    expect(notes[0]).toBe('periodic task sync: host kvm1 does not answer')
  })

  it('stay away while another one leads, and when they are off', async () => {
    isLeader = false
    await pass(200)
    tasks = [{ name: 'sync', everyMs: 0 }]
    isLeader = true
    await pass(200)
    expect(ran).toEqual([])
  })

  it('take a new interval at once', async () => {
    tasks = [{ name: 'sync', everyMs: 86_400_000 }]
    await pass(20)
    tasks = [{ name: 'sync', everyMs: 5000 }]
    await pass(20)
    expect(ran.length).toBeGreaterThanOrEqual(4)
  })
})
