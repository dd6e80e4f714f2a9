/** Several changes of a host in one round trip, where the host can do that; one after another where it cannot. */
import { Fault } from '../core/fault.ts'
import type { Host, Operation, RunOptions, RunResult } from './host.ts'

/** Does `work` only when there is no file at `path` by then, without asking first; nothing in it has an input. */
export type Unless = (path: string, work: (host: Host) => Promise<void>) => Promise<void>
type Work = (host: Host, unless: Unless) => Promise<void>

/**
 * Runs `work` on a host whose changes are gathered and then done in order, up to the first that fails. Commands answer
 * `work` with success and no output before they ran: it must not depend on what they say. Reads see the host as it was.
 */
export async function inOneGo(host: Host, work: Work): Promise<void> {
  if (!host.batch) return work(host, asking(host))
  const operations = await gathered(host, work)
  if (operations.length > 0) await host.batch(operations)
}

/** The same with a command after `work`, whose answer it resolves with. */
export async function runAfter(host: Host, work: Work, argv: readonly string[], options: RunOptions = {}): Promise<RunResult> {
  if (host.batch) return host.batch([...(await gathered(host, work)), { kind: 'run', argv, options }])
  await work(host, asking(host))
  return host.run(argv, options)
}

const asking =
  (host: Host): Unless =>
  async (path, work) => {
    if (!(await host.stat(path))) await work(host)
  }

async function gathered(host: Host, work: Work): Promise<Operation[]> {
  const operations: Operation[] = []
  await work(gathering(host, operations), async (path, guarded) => {
    const inner = await gathered(host, guarded)
    if (inner.some(hasInput)) throw new Fault('internal', `what is done unless ${path} is there cannot have an input`)
    operations.push({ kind: 'unless', path, count: inner.length }, ...inner)
  })
  return operations
}

const hasInput = (operation: Operation): boolean =>
  operation.kind === 'write' || (operation.kind === 'run' && operation.options.stdin !== undefined)

function gathering(host: Host, operations: Operation[]): Host {
  const add = async (operation: Operation): Promise<void> => void operations.push(operation)
  return {
    ...host,
    run: async (argv, options = {}) => {
      if (options.effect === 'read') return host.run(argv, options)
      await add({ kind: 'run', argv, options })
      return { stdout: '', stderr: '', exitCode: 0 }
    },
    writeFile: (path, data, { mode = 0o600 } = {}) => add({ kind: 'write', path, bytes: Buffer.from(data), mode }),
    mkdir: (path) => add({ kind: 'mkdir', path }),
    remove: (path) => add({ kind: 'remove', path }),
    rename: (from, to) => add({ kind: 'rename', from, to }),
  }
}
