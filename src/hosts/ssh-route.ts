/** The way to a host: straight, or through jump hosts, each with its own verified key. */
import type { Duplex } from 'node:stream'
import type { Client } from 'ssh2'
import { Fault } from '../core/fault.ts'
import type { Clock } from '../core/ports.ts'
import { parseSshAddress, type SshAddress } from '../model/ssh-address.ts'
import type { KnownHosts } from './known-hosts-files.ts'
import { openClient } from './ssh-client.ts'
import { type SshTarget, sshTarget } from './ssh-config.ts'
import { unlessAborted } from './ssh-connection.ts'
import { type AskPassphrase, loginsFor } from './ssh-logins.ts'
import { openWire } from './ssh-wire.ts'

export interface RouteOptions {
  readonly name: string
  readonly clock: Clock
  readonly knownHosts: KnownHosts
  readonly identityFile: string | undefined
  readonly jump: string | undefined
  readonly askPassphrase: AskPassphrase | undefined
  readonly agentSocket: string | undefined
  readonly configText: string
  readonly localUser: string
  readonly home: string
  readonly connectMs: number
}

const mostJumps = 8

/** A client that is logged in at the address. */
export async function routeTo(options: RouteOptions, address: SshAddress): Promise<Client> {
  const target = await targetOf(options, address)
  const jumps = options.jump === undefined ? target.jumps : options.jump.split(',').map((part) => part.trim())
  if (jumps.length > mostJumps)
    throw new Fault('invalid', `host ${options.name} has ${jumps.length} jump hosts, at most ${mostJumps} are passed`)
  const passed: Client[] = []
  try {
    for (const jump of jumps) {
      const through = await targetOf(options, parseSshAddress(jump))
      passed.push(await login(options, through, passed.at(-1)))
    }
    const client = await login(options, target, passed.at(-1))
    // The way ends with the connection that goes over it, and the other way round.
    for (const jump of passed) {
      client.once('close', () => jump.end())
      jump.on('error', () => client.destroy())
      jump.once('close', () => client.destroy())
    }
    return client
  } catch (error) {
    for (const jump of passed) {
      jump.on('error', () => {})
      jump.destroy()
    }
    throw error
  }
}

const targetOf = ({ configText, localUser, home }: RouteOptions, address: SshAddress) =>
  sshTarget({ text: configText, address, localUser, home })

async function login(options: RouteOptions, target: SshTarget, through: Client | undefined): Promise<Client> {
  const { name, clock, knownHosts, connectMs } = options
  // Before the wire: a person who is asked for a passphrase takes longer than a server waits for a login.
  const logins = await loginsFor({ ...options, host: name, target })
  const wire = await wireTo(options, target, through)
  try {
    return await openClient({ name, target, knownHosts, logins, wire, clock, deadlineMs: target.connectTimeoutMs ?? connectMs })
  } catch (error) {
    wire.destroy()
    throw error
  }
}

async function wireTo({ name, clock, connectMs }: RouteOptions, target: SshTarget, through: Client | undefined): Promise<Duplex> {
  const { host, port } = target
  const deadlineMs = target.connectTimeoutMs ?? connectMs
  if (through === undefined) return openWire({ name, host, port, clock, deadlineMs })
  const channel = new Promise<Duplex>((resolve, reject) => {
    through.forwardOut('127.0.0.1', 0, host, port, (error, stream) => (error ? reject(error) : resolve(stream)))
  })
  return unlessAborted(channel, clock.deadline(deadlineMs)).catch((error: unknown) => {
    const why = error instanceof Error ? error.message : String(error)
    throw new Fault('unreachable', `host ${name}: the jump host has no connection to ${host} port ${port}: ${why}`, {
      cause: error,
    })
  })
}
