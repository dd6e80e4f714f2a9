/** The bytes under an ssh connection: TCP to the host itself, or to the first jump host. */
import type { Socket } from 'node:net'
import { Fault } from '../core/fault.ts'
import type { Clock } from '../core/ports.ts'
import { gathering } from '../gathering.ts'
import { errorCode } from './file-fault.ts'

const reasons = new Map([
  ['ECONNREFUSED', 'nobody listens there'],
  ['EHOSTUNREACH', 'there is no way to it'],
  ['ENETUNREACH', 'there is no way to its network'],
  ['ENOTFOUND', 'the name is not known'],
  ['EAI_AGAIN', 'the name server does not answer'],
  ['ETIMEDOUT', 'it does not answer'],
  ['ECONNRESET', 'it closed the connection'],
])

export interface WireOptions {
  readonly name: string
  readonly host: string
  readonly port: number
  readonly clock: Clock
  readonly deadlineMs: number
}

/** A connected socket without Nagle's delay, which costs small commands 40 ms. Fault `unreachable`. */
export async function openWire({ name, host, port, clock, deadlineMs }: WireOptions): Promise<Socket> {
  const { connect } = await import('node:net')
  const deadline = clock.deadline(deadlineMs)
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port, noDelay: true, keepAlive: true })
    const fail = (why: string, cause?: unknown) => {
      deadline.removeEventListener('abort', late)
      socket.on('error', () => {})
      socket.destroy()
      reject(new Fault('unreachable', `host ${name}: no connection to ${host} port ${port}: ${why}`, { cause }))
    }
    const late = () => fail(`it did not answer within ${deadlineMs / 1000} s`)
    const broken = (error: Error) => fail(reasons.get(errorCode(error)) ?? error.message, error)
    deadline.addEventListener('abort', late)
    socket.once('error', broken)
    socket.once('connect', () => {
      deadline.removeEventListener('abort', late)
      socket.removeListener('error', broken)
      // It may break before ssh listens to it; then `destroyed` says so.
      socket.on('error', () => {})
      resolve(gathering(socket))
    })
  })
}
