/** How we prove who we are: keys of files, then of the agent. No passwords, no forwarding of the agent. */
import type { AnyAuthMethod, AuthenticationType, AuthHandlerMiddleware } from 'ssh2'
import { Fault } from '../core/fault.ts'
import { errorCode, fileReason } from './file-fault.ts'
import { files } from './local-files.ts'
import type { SshTarget } from './ssh-config.ts'
import { ssh2 } from './ssh-library.ts'

const maxKeyBytes = 64 * 1024

/** Asked once for each encrypted key that is tried; undefined leaves the key out. */
export type AskPassphrase = (keyFile: string) => Promise<string | undefined>

export interface LoginOptions {
  readonly target: SshTarget
  readonly host: string
  /** From the host's record: this key must be usable. */
  readonly identityFile: string | undefined
  readonly agentSocket: string | undefined
  readonly home: string
  readonly askPassphrase: AskPassphrase | undefined
}

export interface Logins {
  /** ssh2 asks it for the next attempt. */
  readonly handler: AuthHandlerMiddleware
  /** What was offered, for the message of a refusal. */
  readonly offered: string[]
}

/** The logins for a target, in the order in which they are tried. */
export async function loginsFor(options: LoginOptions): Promise<Logins> {
  const { target, agentSocket } = options
  const offered: string[] = []
  const attempts: { readonly label: string; readonly method: AnyAuthMethod }[] = []
  for (const { path, isDemanded } of keyFiles(options)) {
    const method = await keyLogin(options, path, isDemanded)
    if (typeof method === 'string') offered.push(method)
    else if (method) attempts.push({ label: path, method })
  }
  // A key that the record names comes before whatever else the agent holds.
  if (agentSocket !== undefined && !target.identitiesOnly) {
    const agent = { label: 'the agent', method: { type: 'agent' as const, username: target.user, agent: agentSocket } }
    if (options.identityFile === undefined) attempts.unshift(agent)
    else attempts.push(agent)
  }
  const handler = (
    methodsLeft: AuthenticationType[] | null,
    _partial: boolean | null,
    next: (method: AnyAuthMethod | false) => void,
  ) => {
    const attempt = methodsLeft === null || methodsLeft.includes('publickey') ? attempts.shift() : undefined
    if (attempt === undefined) return next(false)
    offered.push(attempt.label)
    next(attempt.method)
  }
  return { handler: handler as AuthHandlerMiddleware, offered }
}

function keyFiles({ target, identityFile, home }: LoginOptions): { readonly path: string; readonly isDemanded: boolean }[] {
  if (identityFile !== undefined) return [{ path: identityFile.replace(/^~(?=\/)/, home), isDemanded: true }]
  const usual = ['id_ed25519', 'id_ecdsa', 'id_rsa'].map((name) => `${home}/.ssh/${name}`)
  const paths = target.identityFiles.length > 0 ? target.identityFiles : usual
  return [...new Set(paths)].map((path) => ({ path, isDemanded: false }))
}

/** The login with a key file; a word about it when it cannot be used; undefined when there is none. */
async function keyLogin(options: LoginOptions, path: string, isDemanded: boolean): Promise<AnyAuthMethod | string | undefined> {
  const { host, target, askPassphrase } = options
  const bytes = await readKey(host, path, isDemanded)
  if (bytes === undefined) return undefined
  const { utils } = await ssh2()
  // Parsed here once: the passphrase of a key takes most of a second to try.
  const login = (passphrase?: string): AnyAuthMethod | Error => {
    const key = utils.parseKey(bytes, passphrase)
    return key instanceof Error ? key : { type: 'publickey', username: target.user, key }
  }
  const open = login()
  if (!(open instanceof Error)) return open
  if (!/encrypted/i.test(open.message)) return unusable(host, path, 'is no private key that ssh knows', isDemanded)
  const passphrase = await askPassphrase?.(path)
  const unlocked = passphrase === undefined ? undefined : login(passphrase)
  if (unlocked !== undefined && !(unlocked instanceof Error)) return unlocked
  const mayBeInAgent = options.agentSocket !== undefined && !target.identitiesOnly
  const why = passphrase === undefined ? 'needs a passphrase' : 'has another passphrase'
  return unusable(host, path, why, isDemanded && !mayBeInAgent)
}

function unusable(host: string, path: string, why: string, isDemanded: boolean): string {
  if (!isDemanded) return `${path} (${why})`
  throw new Fault('unauthenticated', `host ${host}: the key ${path} ${why}`, {
    hint: 'load it into ssh-agent with ssh-add, or give another --identity',
  })
}

async function readKey(host: string, path: string, isDemanded: boolean): Promise<Buffer | undefined> {
  try {
    const bytes = await (await files()).readFile(path)
    return bytes.length > maxKeyBytes ? undefined : bytes
  } catch (error) {
    if (!isDemanded && errorCode(error) === 'ENOENT') return undefined
    if (!isDemanded) return undefined
    throw new Fault('invalid', `host ${host}: cannot read the key ${path}: ${fileReason(error)}`, { cause: error })
  }
}
