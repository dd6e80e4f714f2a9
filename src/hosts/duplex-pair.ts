/** Two ends of a connection in memory; node 20 has none of its own. */
import { Duplex } from 'node:stream'

/** What one end writes the other reads; destroying one ends the other. */
export function duplexPair(): { readonly near: Duplex; readonly far: Duplex } {
  const near: Duplex = end(() => far)
  const far: Duplex = end(() => near)
  return { near, far }
}

function end(other: () => Duplex): Duplex {
  return new Duplex({
    read: () => {},
    write: (chunk, _, done) => {
      if (!other().destroyed) other().push(chunk)
      done()
    },
    final: (done) => {
      if (!other().destroyed) other().push(null)
      done()
    },
    destroy: (error, done) => {
      if (!other().destroyed) other().push(null)
      done(error)
    },
  })
}
