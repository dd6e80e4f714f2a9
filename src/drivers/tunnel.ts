/**
 * A unix socket of one host that leads to one of another. The controller carries every byte over its own connections, so
 * what travels is encrypted wherever they are, and the hosts need no way to each other.
 */
import type { Duplex } from 'node:stream'
import { asFault, type Fault } from '../core/fault.ts'
import type { Host } from '../hosts/host.ts'

export interface TunnelEnd {
  readonly host: Host
  /** Path of the socket there. */
  readonly socket: string
}

export interface Tunnel {
  /** Bytes that have gone to the far end, and that have come back. */
  carried(): { readonly there: number; readonly back: number }
  /** Why a connection broke, if one did. */
  broken(): Fault | undefined
  /** Ends every connection and removes the near socket; a host that is gone is no obstacle. */
  close(): Promise<void>
}

/** Listens at `near` and joins every connection to one of its own to `far`, until it is closed. */
export async function openTunnel(near: TunnelEnd, far: TunnelEnd): Promise<Tunnel> {
  const joined = new Set<Duplex>()
  const carried = { there: 0, back: 0 }
  let fault: Fault | undefined
  const broke = (error: unknown) => {
    fault ??= asFault(error)
  }
  const hold = (stream: Duplex) => {
    joined.add(stream)
    stream.once('close', () => joined.delete(stream))
    stream.on('error', broke)
  }
  const stop = await near.host.listen(near.socket, (coming) => {
    hold(coming)
    far.host.connect(far.socket).then(
      (going) => {
        hold(going)
        going.on('data', (bytes: Buffer) => {
          carried.back += bytes.length
        })
        coming.on('data', (bytes: Buffer) => {
          carried.there += bytes.length
        })
        join(coming, going)
      },
      (error: unknown) => {
        broke(error)
        coming.destroy()
      },
    )
  })
  return {
    carried: () => ({ ...carried }),
    broken: () => fault,
    async close() {
      for (const stream of joined) stream.destroy()
      await stop().catch(broke)
    },
  }
}

/** Each reads what the other writes, no faster than it is taken; the end of one direction leaves the other open. */
function join(one: Duplex, other: Duplex): void {
  for (const [from, to] of [
    [one, other],
    [other, one],
  ] as const) {
    from.allowHalfOpen = true
    from.pipe(to)
    from.once('close', () => (from.readableEnded ? endThenClose(to) : to.destroy()))
    from.once('error', () => to.destroy())
  }
  // It broke while the other was being opened.
  if (one.destroyed) other.destroy()
}

/** What was taken over before its sender closed still arrives. */
function endThenClose(stream: Duplex): void {
  if (stream.writableFinished) stream.destroy()
  else stream.once('finish', () => stream.destroy()).end()
}
