/** Hosts as a controller sees them that is killed in the middle: from then on nothing is said to them, and every line is dead. */
import type { Duplex } from 'node:stream'
import type { Host } from '../../src/hosts/host.ts'

export interface Cutter {
  /** The same host until the cut. */
  through(host: Host): Host
  /** How many operations there were. */
  count(): number
}

/** Cuts at the operation with this number, whichever host it is for. */
export function cutAt(number: number): Cutter {
  let count = 0
  const lines = new Set<Duplex>()
  const step = () => {
    count += 1
    if (count < number) return
    for (const line of lines) line.destroy()
    throw new Error('killed')
  }
  const after =
    <A extends unknown[], R>(act: (...args: A) => Promise<R>) =>
    async (...args: A): Promise<R> => {
      step()
      return act(...args)
    }
  const held = <T extends Duplex>(line: T): T => {
    lines.add(line)
    return line
  }
  return {
    count: () => count,
    through: (host) => ({
      ...host,
      run: after(host.run),
      readFile: after(host.readFile),
      writeFile: after(host.writeFile),
      stat: after(host.stat),
      mkdir: after(host.mkdir),
      remove: after(host.remove),
      rename: after(host.rename),
      openRead: after(host.openRead),
      writeStream: after(host.writeStream),
      connect: async (path) => {
        step()
        return held(spoken(await host.connect(path), step))
      },
      listen: after((path: string, onConnection: (connection: Duplex) => void) =>
        host.listen(path, (connection) => onConnection(held(connection))),
      ),
    }),
  }
}

/** Every line that is said counts: a monitor is told one command at a time. */
function spoken(line: Duplex, step: () => void): Duplex {
  const write = line.write.bind(line) as (chunk: unknown) => boolean
  Object.defineProperty(line, 'write', {
    value: (chunk: unknown) => {
      try {
        if (typeof chunk === 'string') step()
      } catch {
        return false
      }
      return write(chunk)
    },
  })
  return line
}
