/** A client of qemu's monitor protocol. One connection a call: qemu serves one client at a time. */
import { Fault, type FaultKind } from '../../core/fault.ts'
import type { RunOptions } from '../../hosts/host.ts'
import type { QemuContext } from './context.ts'
import { fieldsOf, JsonLines, type Message } from './json-lines.ts'

const defaultDeadlineMs = 10_000
/** Begins the ids of all our commands. */
const mark = 'nova-'
/** Answers to clients before us that one client hears at most. */
const mostLeft = 100

export interface Qmp {
  /** The command's return value. A refusal of qemu is a fault with its words; default deadline 10 s. */
  execute(command: string, args?: object, deadlineMs?: number): Promise<unknown>
  /** The next event of one of these names, also one that came before. */
  event(names: readonly string[], deadlineMs: number): Promise<Message>
}

type Monitor = Pick<QemuContext, 'host' | 'clock' | 'random'>

/** Connects to the monitor socket, runs `use` and closes again; what only asks says so. `unreachable` when no qemu listens. */
export async function withQmp<T>(
  { host, clock, random }: Monitor,
  socket: string,
  use: (qmp: Qmp) => Promise<T>,
  options: Pick<RunOptions, 'effect'> = {},
): Promise<T> {
  const lines = new JsonLines(await host.connect(socket, options), clock, `qemu at ${socket} on host ${host.name}`)
  try {
    return await use(await negotiate(lines, `${mark}${random.uuid()}-`))
  } finally {
    lines.close()
  }
}

async function negotiate(lines: JsonLines, prefix: string): Promise<Qmp> {
  const greeting = await lines.next(defaultDeadlineMs, 'the connection')
  if (!greeting.has('QMP')) throw new Fault('internal', 'what answers on the monitor socket is not qemu: it sent no QMP greeting')
  const qmp = session(lines, prefix)
  await qmp.execute('qmp_capabilities')
  return qmp
}

/**
 * What qemu still owed a client that was cut off it sends to the next one, so ids are of one session alone, and answers to
 * another of ours are passed over.
 */
function session(lines: JsonLines, prefix: string): Qmp {
  const events: Message[] = []
  let count = 0
  let left = 0
  const isOfEarlierClient = (message: Message) => {
    const id = message.get('id')
    if (typeof id !== 'string' || !id.startsWith(mark) || id.startsWith(prefix)) return false
    left += 1
    return left <= mostLeft
  }
  return {
    async execute(command, args, deadlineMs = defaultDeadlineMs) {
      count += 1
      const id = `${prefix}${count}`
      lines.send({ execute: command, ...(args === undefined ? {} : { arguments: args }), id })
      for (;;) {
        const message = await lines.next(deadlineMs, command)
        if (message.has('event')) events.push(message)
        else if (message.get('id') === id) return answer(command, message)
        else if (!isOfEarlierClient(message))
          throw new Fault('internal', `qemu answered ${command} with a message that belongs to no command`)
      }
    },
    async event(names, deadlineMs) {
      const isWanted = (message: Message) => names.some((name) => name === message.get('event'))
      for (;;) {
        const early = events.findIndex(isWanted)
        const known = early === -1 ? undefined : events.splice(early, 1)[0]
        if (known) return known
        events.push(await lines.next(deadlineMs, names.join(' or ')))
      }
    },
  }
}

function answer(command: string, message: Message): unknown {
  if (message.has('return')) return message.get('return')
  const error = fieldsOf(message.get('error'))
  if (!error) throw new Fault('internal', `qemu answered ${command} with neither a result nor an error`)
  const kind = kinds.get(String(error.get('class'))) ?? 'internal'
  throw new Fault(kind, `qemu refuses ${command}: ${String(error.get('desc')).slice(0, 500)}`)
}

const kinds = new Map<string, FaultKind>([
  ['CommandNotFound', 'unsupported'],
  ['DeviceNotFound', 'not-found'],
  ['DeviceNotActive', 'conflict'],
])
