/** Host keys are always verified: against the user's known_hosts and our own, to which a key is added only on request. */
import { Fault } from '../core/fault.ts'
import { errorCode } from './file-fault.ts'
import type { KnownKey } from './known-hosts.ts'
import { files, replaceFile } from './local-files.ts'

const maxFileBytes = 16 * 1024 * 1024

/** Whom a key belongs to. */
export interface KeyOwner {
  /** The host's name in our records. */
  readonly name: string
  readonly host: string
  readonly port: number
}

export interface KnownHosts {
  /** The key types under which the host is known. */
  typesOf(owner: KeyOwner): Promise<string[]>
  /** Resolves when the host may show this key; Fault `forbidden` with fingerprints when it may not. */
  verify(owner: KeyOwner, key: Buffer): Promise<void>
}

export interface KnownHostsOptions {
  /** Files that are read; the first one wins nothing, all count. */
  readonly files: readonly string[]
  /** Our own file, read too, the only one that is written. */
  readonly own: string
  /** Take a key of a host that is not known at all; `planned` does not write it down. */
  readonly accept?: 'new' | 'planned' | undefined
  /** Told what was accepted. */
  readonly onAccepted?: (accepted: { readonly host: string; readonly fingerprint: string; readonly file: string }) => void
}

/** The verification over these files. Read again for each new connection: other processes write them too. */
export function knownHosts(options: KnownHostsOptions): KnownHosts {
  const read = async (): Promise<KnownKey[]> => {
    const { parseKnownHosts } = await import('./known-hosts.ts')
    const paths = [...new Set([...options.files, options.own])]
    const texts = await Promise.all(paths.map(async (path) => parseKnownHosts(await textOf(path), path)))
    return texts.flat()
  }
  return {
    typesOf: async ({ host, port }) => {
      const { knownName, knownTypes } = await import('./known-hosts.ts')
      return knownTypes(await read(), knownName(host, port))
    },
    verify: async (owner, key) => {
      const { fingerprint, keyType, knownName, verdictOn } = await import('./known-hosts.ts')
      const name = knownName(owner.host, owner.port)
      const verdict = verdictOn(await read(), name, key)
      const shown = `${keyType(key)} ${fingerprint(key)}`
      if (verdict.kind === 'known') return
      if (verdict.kind !== 'unknown') throw refusal(owner, verdict, shown, fingerprint)
      if (options.accept === undefined) throw unknownKey(owner, shown)
      if (options.accept === 'new') await acceptNew(options.own, `${name} ${keyType(key)} ${key.toString('base64')}`)
      options.onAccepted?.({ host: owner.name, fingerprint: shown, file: options.own })
    },
  }
}

const unknownKey = ({ name, host }: KeyOwner, shown: string) =>
  new Fault('forbidden', `host ${name}: the key of ${host} is not known: ${shown}`, {
    hint: 'compare it with ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub on the host, then add --accept-new',
    details: { host: name, fingerprint: shown, isNewKey: true },
  })

type Refused =
  | { readonly kind: 'changed'; readonly expected: readonly KnownKey[] }
  | { readonly kind: 'revoked'; readonly source: string }
  | { readonly kind: 'certified'; readonly source: string }

function refusal({ name, host }: KeyOwner, verdict: Refused, shown: string, print: (key: Buffer) => string): Fault {
  if (verdict.kind === 'revoked')
    return new Fault('forbidden', `host ${name}: ${host} shows the key ${shown}, which ${verdict.source} revokes`, {
      hint: 'that key is in wrong hands: give the host a new one',
    })
  if (verdict.kind === 'certified')
    return new Fault(
      'forbidden',
      `host ${name}: ${host} shows ${shown}; ${verdict.source} trusts a certificate authority instead`,
      {
        hint: 'host certificates are not checked here: add the key of the host itself to known_hosts',
      },
    )
  const expected = verdict.expected.map(({ type, key, source }) => `${type} ${print(key)} (${source})`)
  return new Fault(
    'forbidden',
    `host ${name}: the key of ${host} has changed: it shows ${shown}, known is ${expected.join(', ')}`,
    {
      hint: 'someone may sit in between; if the host was set up anew, remove the old line',
      details: { host: name, fingerprint: shown, expected },
    },
  )
}

async function textOf(path: string): Promise<string> {
  try {
    const text = await (await files()).readFile(path, 'utf8')
    if (text.length > maxFileBytes)
      throw new Fault('invalid', `${path} has ${text.length} bytes, at most ${maxFileBytes} are read`)
    return text
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return ''
    throw error
  }
}

let lastAdded: Promise<unknown> = Promise.resolve()

/** Adds one line, after those that are being added: keys of many new hosts come at once. */
function acceptNew(path: string, line: string): Promise<void> {
  const added = lastAdded.then(() => addLine(path, line))
  lastAdded = added.catch(() => undefined)
  return added
}

/** The whole file is replaced, so that a reader never sees half a key. */
async function addLine(path: string, line: string): Promise<void> {
  const before = await textOf(path)
  const separator = before === '' || before.endsWith('\n') ? '' : '\n'
  await (await files()).mkdir(path.slice(0, path.lastIndexOf('/')), { recursive: true, mode: 0o700 })
  await replaceFile({ path, mode: 0o600 }, async (file) => {
    await file.writeFile(`${before}${separator}${line}\n`)
  })
}
