/**
 * Writes down what is done to a host, as lines for a person. A plan only writes down: its reads see what it would have
 * written, so that a driver plans with the same code that works, and the lines of both can be compared.
 */
import { fileTree } from './file-tree.ts'
import type { Host, RunOptions } from './host.ts'
import { quote } from './quote.ts'
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
      if (options.effect !== 'read') commands.push(commandLine(argv, options))
      return target.run(argv, options)
    },
    writeFile: (path, data, options = {}) => {
      const mode = (options.mode ?? 0o600).toString(8).padStart(4, '0')
      commands.push(`${quote(['write', path])} (${Buffer.byteLength(data)} bytes, mode ${mode})`)
      return target.writeFile(path, data, options)
    },
    mkdir: (path) => {
      commands.push(quote(['mkdir', path]))
      return target.mkdir(path)
    },
    remove: (path) => {
      commands.push(quote(['rm', '-r', path]))
      return target.remove(path)
    },
    rename: (from, to) => {
      commands.push(quote(['mv', from, to]))
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

function commandLine(argv: readonly string[], options: RunOptions): string {
  const { stdin } = options
  return stdin === undefined ? quote(argv) : `${quote(argv)} < (${Buffer.byteLength(stdin)} bytes)`
}

function planned(host: Host): Host {
  const tree = fileTree('base')
  const files = treeFiles(host.name, tree, host)
  return {
    ...host,
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
