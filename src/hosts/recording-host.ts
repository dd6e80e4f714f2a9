/**
 * Writes down what is done to a host, as lines for a person. A plan only writes down: its reads see what it would have
 * written, so that a driver plans with the same code that works, and the lines of both can be compared.
 */
import { fileTree } from './file-tree.ts'
import type { Host, Operation } from './host.ts'
import { quote, shown } from './quote.ts'
import { treeFiles } from './tree-files.ts'

export interface Recording {
  readonly host: Host
  /** Grows with every mutating operation, in order. */
  readonly commands: string[]
}

/** `host` with a record; with `planning` nothing on it is changed. Connections pass: in a plan a driver may only ask through them. */
export function recordingHost(host: Host, { planning }: { readonly planning: boolean }): Recording {
  const commands: string[] = []
  return { host: recorded(host, planning ? planned(host) : host, commands), commands }
}

/** `target` does the work, or pretends to, after each operation is noted. */
function recorded(real: Host, target: Host, commands: string[]): Host {
  return {
    ...target,
    run: async (argv, options = {}) => {
      if (options.effect !== 'read') commands.push(lineOf({ kind: 'run', argv, options }))
      return target.run(argv, options)
    },
    writeFile: (path, data, options = {}) => {
      commands.push(writeLine(path, Buffer.byteLength(data), options.mode ?? 0o600))
      return target.writeFile(path, data, options)
    },
    ...(target.batch === undefined ? {} : { batch: batchOf(target.batch, commands) }),
    mkdir: (path) => {
      commands.push(lineOf({ kind: 'mkdir', path }))
      return target.mkdir(path)
    },
    remove: (path) => {
      commands.push(lineOf({ kind: 'remove', path }))
      return target.remove(path)
    },
    rename: (from, to) => {
      commands.push(lineOf({ kind: 'rename', from, to }))
      return target.rename(from, to)
    },
    upload: (localPath, remotePath, onProgress) => {
      commands.push(`${quote(['upload', localPath])} → ${real.name}:${remotePath}`)
      return target.upload(localPath, remotePath, onProgress)
    },
    writeStream: (path, source) => {
      commands.push(`${quote(['receive', path])} → ${real.name}`)
      return target.writeStream(path, source)
    },
    listen: (path, onConnection) => {
      commands.push(quote(['listen', path]))
      return target.listen(path, onConnection)
    },
  }
}

/** A batch leaves the same lines as its operations one by one; all of them when it fails, for nobody knows how far it came. */
const batchOf = (batch: NonNullable<Host['batch']>, commands: string[]): NonNullable<Host['batch']> => {
  return async (operations) => {
    let skipped: readonly number[] = []
    try {
      const result = await batch(operations)
      skipped = result.skipped
      return result
    } finally {
      const done = operations.filter(({ kind }, place) => kind !== 'unless' && !skipped.includes(place))
      commands.push(...done.map(lineOf))
    }
  }
}

function lineOf(operation: Operation): string {
  switch (operation.kind) {
    case 'run': {
      const { stdin } = operation.options
      return stdin === undefined ? shown(operation.argv) : `${shown(operation.argv)} < (${Buffer.byteLength(stdin)} bytes)`
    }
    case 'write':
      return writeLine(operation.path, operation.bytes.length, operation.mode)
    case 'mkdir':
      return quote(['mkdir', operation.path])
    case 'remove':
      return quote(['rm', '-r', operation.path])
    case 'rename':
      return quote(['mv', operation.from, operation.to])
    case 'unless':
      return quote(['unless', operation.path])
  }
}

const writeLine = (path: string, bytes: number, mode: number) =>
  `${quote(['write', path])} (${bytes} bytes, mode ${mode.toString(8).padStart(4, '0')})`

function planned(host: Host): Host {
  const tree = fileTree('base')
  const files = treeFiles(host.name, tree, host)
  const { batch: _, ...single } = host
  return {
    ...single,
    planning: true,
    run: async (argv, options = {}) =>
      options.effect === 'read' ? host.run(argv, options) : { stdout: '', stderr: '', exitCode: 0 },
    ...files,
    // A command of the plan may have made the file; no tree knows what commands make.
    rename: async (from, to) => {
      if (await files.stat(from)) await files.rename(from, to)
      else tree.set(to, { kind: 'file', bytes: new Uint8Array(0) })
    },
    upload: async (localPath, remotePath) => {
      tree.set(remotePath, { kind: 'file', bytes: new Uint8Array(0) })
      // Files of the image store are named by their digest, which is all that a plan can know without reading them.
      return localPath.slice(localPath.lastIndexOf('/') + 1)
    },
    // What would arrive is not read: a plan moves no disks.
    writeStream: async (path) => {
      tree.set(path, { kind: 'file', bytes: new Uint8Array(0) })
      return ''
    },
    listen: async () => async () => {},
  }
}
