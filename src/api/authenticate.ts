/** Who a bearer token stands for: looked up by its public part, compared in constant time, with few tries an address. */
import { timingSafeEqual } from 'node:crypto'
import { hashOfSecret } from '../actions/token/secret-hash.ts'
import { Fault } from '../core/fault.ts'
import type { Clock } from '../core/ports.ts'
import { iso } from '../core/time.ts'
import { guardToken, partsOfToken, type Token } from '../model/token.ts'
import type { Store } from '../state/store.ts'
import type { Who } from './peer.ts'

export interface Authenticator {
  /** The token's user, project and roles. Fault `unauthenticated`, with `retryAfterSeconds` when the address tried too often. */
  whoIs(authorization: string | undefined, address: string): Promise<Who>
}

const windowMs = 60_000
/** Addresses whose failures are counted; beyond them the oldest are forgotten. */
const mostAddresses = 10_000
/** Stands in for the hash of a token that does not exist, so that it takes as long to refuse. */
const noHash = '0'.repeat(64)

interface Failures {
  count: number
  readonly since: number
}

export function authenticator(options: {
  readonly store: Store
  readonly clock: Clock
  readonly failuresPerMinute: () => number
}): Authenticator {
  const { store, clock } = options
  const failures = new Map<string, Failures>()

  function refuseGuessing(address: string): void {
    const known = failures.get(address)
    if (!known) return
    const left = windowMs - (clock.monotonic() - known.since)
    if (left <= 0) failures.delete(address)
    else if (known.count >= options.failuresPerMinute())
      throw new Fault('unauthenticated', `${known.count} wrong tokens came from ${address} within a minute`, {
        details: { retryAfterSeconds: Math.ceil(left / 1000) },
      })
  }

  function noteFailure(address: string): void {
    const known = failures.get(address)
    if (known) known.count += 1
    else failures.set(address, { count: 1, since: clock.monotonic() })
    const [oldest] = failures.keys()
    if (failures.size > mostAddresses && oldest !== undefined) failures.delete(oldest)
  }

  /** The latest time that was seen, and when: a clock that is set back makes no token younger. */
  let latest = { wall: clock.wall(), monotonic: clock.monotonic() }
  function nowAfter(committed: string): string {
    const monotonic = clock.monotonic()
    const passed = latest.wall + (monotonic - latest.monotonic)
    latest = { wall: Math.max(clock.wall(), passed, Date.parse(committed) || 0), monotonic }
    return iso(latest.wall)
  }

  async function tokenOf(authorization: string | undefined): Promise<Token> {
    const wrong = new Fault('unauthenticated', 'the token is not valid', { hint: 'nova token create' })
    const [, text = ''] = /^Bearer +(\S{1,200})$/i.exec(authorization ?? '') ?? []
    const parts = partsOfToken(text)
    if (!parts) throw wrong
    const { token, at } = await store.read(async (reader) => ({ token: await reader.get('tokens', parts.id), at: reader.at }))
    const given = Buffer.from(await hashOfSecret(parts.secret), 'hex')
    if (!timingSafeEqual(given, Buffer.from(token?.hash ?? noHash, 'hex')) || !token) throw wrong
    guardToken(token, nowAfter(at ?? ''))
    return token
  }

  return {
    async whoIs(authorization, address) {
      refuseGuessing(address)
      try {
        const { userId, projectId, roles } = await tokenOf(authorization)
        return { userId, projectId, roles }
      } catch (error) {
        noteFailure(address)
        throw error
      }
    },
  }
}
