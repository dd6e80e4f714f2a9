/** Files of an ssh host by constant scripts: they need a shell and coreutils, and work through sudo too. */
import { asFault, Fault } from '../core/fault.ts'
import type { FileStat, Host } from './host.ts'
import { isAbsence, remoteFileFault } from './ssh-file-fault.ts'
import { batchedReads } from './ssh-reads.ts'
import type { SshRun } from './ssh-run.ts'
import { renameScript, writeScript } from './ssh-scripts.ts'

const defaultMaxBytes = 8 * 1024 * 1024
const directoryMode = 0o040000
const typeMask = 0o170000
const anyFailure = Array.from({ length: 126 }, (_, code) => code)

type Files = Pick<Host, 'readFile' | 'writeFile' | 'stat' | 'readdir' | 'mkdir' | 'remove' | 'rename'>

/** The file operations of the host called `host`. */
export function sshFiles(host: string, run: SshRun): Files {
  const read = batchedReads(host, run)
  const change = async (attempt: string, argv: readonly string[], stdin?: Uint8Array): Promise<void> => {
    const command = { argv, okExitCodes: anyFailure, ...(stdin === undefined ? {} : { stdin }) }
    const { exitCode, stderr } = await run(command).catch((error: unknown) => {
      throw withoutScript(host, attempt, error)
    })
    if (exitCode !== 0) throw remoteFileFault(host, attempt, stderr)
  }
  return {
    async readFile(path, { maxBytes = defaultMaxBytes, tail = false } = {}) {
      const { bytes, reason } = await read({ what: tail ? 'tail' : 'read', path, bytes: maxBytes })
      if (isAbsence(reason)) return undefined
      if (reason !== '') throw remoteFileFault(host, `read ${path}`, reason)
      if (bytes.length <= maxBytes) return bytes
      throw new Fault('internal', `host ${host}: cannot read ${path}: it is larger than ${maxBytes} bytes`)
    },
    async stat(path) {
      const { bytes, reason } = await read({ what: 'stat', path, bytes: 0 })
      if (isAbsence(reason)) return undefined
      if (reason !== '') throw remoteFileFault(host, `look at ${path}`, reason)
      return parseStat(host, path, bytes.toString('latin1'))
    },
    async readdir(path) {
      const { bytes, reason } = await read({ what: 'list', path, bytes: 0 })
      if (reason !== '') throw remoteFileFault(host, `list ${path}`, reason)
      return bytes.toString('utf8').split('\0').slice(0, -1).sort()
    },
    writeFile: (path, data, { mode = 0o600, durable = true } = {}) => {
      const bytes = Buffer.from(data)
      const words = [path, mode.toString(8), String(bytes.length), durable ? 'yes' : 'no']
      return change(`write ${path} (${bytes.length} bytes)`, ['sh', '-c', writeScript, 'write', ...words], bytes)
    },
    mkdir: (path) => change(`create directory ${path}`, ['mkdir', '-p', '--', path]),
    remove: (path) => change(`remove ${path}`, ['rm', '-rf', '--', path]),
    rename: (from, to) => change(`rename ${from} to ${to}`, ['sh', '-c', renameScript, 'rename', from, to]),
  }
}

function parseStat(host: string, path: string, text: string): FileStat {
  const [, size, seconds, mode] = /^(\d+) (-?\d+\.\d+) ([0-9a-f]+)$/.exec(text) ?? []
  if (size === undefined || seconds === undefined || mode === undefined)
    throw new Fault('internal', `host ${host}: cannot look at ${path}: its stat is not that of GNU coreutils`)
  const isDirectory = (Number.parseInt(mode, 16) & typeMask) === directoryMode
  return { size: Number(size), isDirectory, modifiedAt: Math.round(Number(seconds) * 1000) }
}

/** The same fault about the operation, not about our script. */
export function withoutScript(host: string, attempt: string, error: unknown): Fault {
  const fault = asFault(error)
  const how = new Map([
    ['timeout', 'the host did not answer in time'],
    ['unreachable', 'the ssh connection was lost; what it did is not known'],
  ]).get(fault.kind)
  if (how === undefined || !fault.message.includes('sh -c')) return fault
  return new Fault(fault.kind, `host ${host}: cannot ${attempt}: ${how}`, { cause: error })
}
