/** What people ask of the controllers while links are cut, and what each of them was told. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { OpenClient } from '../../../src/api/socket-client.ts'
import { asFault, type FaultKind } from '../../../src/core/fault.ts'
import { drawn } from './links.ts'

export interface Order {
  readonly word: 'boot' | 'delete' | 'migrate' | 'live' | 'stop' | 'reboot'
  readonly server: string
  /** Which controller is asked. */
  readonly at: number
  readonly afterMs: number
}

export interface Told extends Order {
  /** Undefined while nobody has answered. */
  end: 'done' | FaultKind | undefined
  message: string
  /** Milliseconds since the first order. */
  askedMs: number
  endedMs: number
  /** Of the server, when it is done. */
  id: string
}

export type Word = Order['word']
const everyWord: readonly Word[] = ['delete', 'migrate', 'live', 'stop', 'reboot']
const boots = 4
const longestPauseMs = 700

export interface Wishes {
  /** Servers that are there: the first of them gets two orders, the others one. */
  readonly servers: readonly string[]
  /** What the names of new ones begin with. */
  readonly fresh: string
  readonly controllers: number
  /** What is asked of servers that are there. */
  readonly words?: readonly Word[]
}

/** Orders in the sequence in which they are given. */
export function drawOrders({ servers, fresh, controllers, words = everyWord }: Wishes, roll: () => number): Order[] {
  const about = (server: string) => drawn(words, roll).slice(0, server === servers[0] ? 2 : 1)
  const asked = [
    ...servers.flatMap((server) => about(server).map((word) => ({ word, server }))),
    ...Array.from({ length: boots }, (_, index) => ({ word: 'boot' as const, server: `${fresh}${index}` })),
  ]
  return drawn(asked, roll).map((order) => ({
    ...order,
    at: Math.floor(roll() * controllers),
    afterMs: Math.floor(roll() * longestPauseMs),
  }))
}

/** What is always the same of a boot. */
export const bootOf = (name: string) => ({ name, image: 'small', flavor: 'small', nic: 'none', configDrive: false })

async function ask({ call }: OpenClient, { word, server }: Order): Promise<unknown> {
  if (word === 'boot') return call('server.create', bootOf(server))
  if (word === 'live') return call('server.live-migrate', { server, transport: 'tcp' })
  if (word === 'reboot') return call('server.reboot', { servers: [server], hard: true })
  if (word !== 'migrate') return call(`server.${word}`, { servers: [server] })
  await call('server.migrate', { server })
  return call('server.confirm', { servers: [server] })
}

export interface Traffic {
  readonly told: readonly Told[]
  /** Resolves when each order was answered. */
  readonly ended: Promise<unknown>
}

/** Gives the orders one after the other, without waiting for what becomes of them. */
export async function give(orders: readonly Order[], clients: readonly OpenClient[]): Promise<Traffic> {
  const began = performance.now()
  const sinceMs = () => Math.round(performance.now() - began)
  const told: Told[] = []
  const ends: Promise<void>[] = []
  for (const order of orders) {
    await sleep(order.afterMs)
    const one: Told = { ...order, end: undefined, message: '', id: '', askedMs: sinceMs(), endedMs: 0 }
    const client = clients[order.at]
    if (!client) throw new Error(`there is no controller ${order.at}`)
    told.push(one)
    ends.push(answered(one, ask(client, order), sinceMs))
  }
  return { told, ended: Promise.all(ends) }
}

async function answered(one: Told, asked: Promise<unknown>, sinceMs: () => number): Promise<void> {
  try {
    const answer: unknown = await asked
    const server: unknown = Array.isArray(answer) ? answer[0] : answer
    one.id = String(Reflect.get(Object(server), 'id') ?? '')
    one.end = 'done'
  } catch (error) {
    const { kind, message } = asFault(error)
    one.message = message
    one.end = kind
  }
  one.endedMs = sinceMs()
}
