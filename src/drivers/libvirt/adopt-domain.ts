/**
 * Taking a domain of somebody else's into our care, and letting it go again. All that we do is to make the guest's directory
 * with the definition in it, word for word; the domain is read before and after, and must be the same to the byte.
 */
import { Fault } from '../../core/fault.ts'
import type { DomainDigests } from '../../model/adopted.ts'
import type { DriverContext } from '../driver-context.ts'
import type { CareTaken } from '../foreign-domains.ts'
import { adoptedFile, isAdopted, keptDefinition } from './adopted-guest.ts'
import { guestOfDomain } from './domain-name.ts'
import type { LibvirtPaths } from './guest-paths.ts'
import { afterLook, type Domain, domainOf, isActive, lookCommands, powerStateOf } from './look.ts'
import { virsh } from './virsh.ts'

interface Reading extends CareTaken {
  readonly domain: Domain
  readonly definition: string
}

/** Notes the domain; once more changes nothing. */
export async function adoptDomain(context: DriverContext, paths: LibvirtPaths, id: string): Promise<CareTaken> {
  const { host } = context
  const before = await read(context, id)
  if (!before) throw new Fault('not-found', `host ${host.name} has no domain ${id}`)
  if (guestOfDomain(before.domain.name) === id)
    throw new Fault('conflict', `domain ${before.domain.name} on host ${host.name} was made by nova: there is nothing to adopt`)
  if ((await keptDefinition(context, paths)) !== before.definition) {
    await host.mkdir(paths.directory)
    await host.writeFile(adoptedFile(paths), before.definition)
  }
  return unchanged(context, before, () => host.remove(paths.directory))
}

/** Removes our note of the domain; the domain stays as it is. Nothing happens to one that has none. */
export async function releaseDomain(
  context: DriverContext,
  paths: LibvirtPaths,
  id: string,
  { insist }: { readonly insist: boolean },
): Promise<CareTaken> {
  const { host } = context
  const kept = await keptDefinition(context, paths)
  const before = await read(context, id)
  if (!before && !insist) throw lost(context, paths, id, kept !== undefined)
  if (kept !== undefined || (insist && (await isAdopted(context, paths)))) await host.remove(paths.directory)
  if (!before) return { digests: { definition: '', running: null }, powerState: 'shutdown' }
  if (insist || kept === undefined) return careOf(before)
  return unchanged(context, before, async () => {
    await host.mkdir(paths.directory)
    await host.writeFile(adoptedFile(paths), kept)
  })
}

function lost({ host }: DriverContext, paths: LibvirtPaths, id: string, isKept: boolean): Fault {
  const message = `host ${host.name}: libvirt has no domain ${id} any more`
  if (!isKept) return new Fault('not-found', message)
  return new Fault('conflict', `${message}, its definition is left in ${adoptedFile(paths)} alone`, {
    hint: 'nova start defines it again',
  })
}

/** Reads the domain again: what is not as it was undoes what we did. */
async function unchanged(context: DriverContext, before: Reading, undo: () => Promise<void>): Promise<CareTaken> {
  const { digests, domain } = before
  const after = await read(context, domain.id)
  if (after && sameDigests(digests, after.digests)) return careOf(before)
  await undo()
  throw new Fault('conflict', `domain ${domain.name} on host ${context.host.name} changed meanwhile: nothing was kept`, {
    hint: 'try again when nobody works on it',
    details: { before: digests, after: after?.digests ?? null },
  })
}

/** Without the definition: it may hold the password of a screen, and what is returned goes into the records. */
const careOf = ({ digests, powerState }: Reading): CareTaken => ({ digests, powerState })

const sameDigests = (a: DomainDigests, b: DomainDigests) => a.definition === b.definition && a.running === b.running

/** The domain with its definition, secrets included, as libvirt prints it; undefined when libvirt has none. */
async function read(context: DriverContext, id: string): Promise<Reading | undefined> {
  const commands = [
    ...lookCommands(id),
    ['dumpxml', '--inactive', '--security-info', id],
    ['dumpxml', '--security-info', id],
  ] as const
  const { parts, refusals } = await virsh(context, commands, { effect: 'read', isAnswer: /failed to get domain/ })
  const domain = refusals.length > 0 ? undefined : domainOf(id, parts)
  if (!domain) return undefined
  const [inactive, live] = afterLook(parts)
  const [definition, running] = [documentIn(inactive), isActive(domain) ? documentIn(live) : null]
  const digests = { definition: await digestOf(definition), running: running === null ? null : await digestOf(running) }
  return { domain, definition, digests, powerState: powerStateOf(domain) }
}

/** The document without the blank lines that virsh puts around it. */
export const documentIn = (text = ''): string => {
  const document = text.slice(text.indexOf('<'), text.lastIndexOf('>') + 1)
  if (document.startsWith('<domain')) return `${document}\n`
  throw new Fault('internal', `virsh dumpxml shows no domain: ${JSON.stringify(text.slice(0, 80))}`)
}

async function digestOf(text: string): Promise<string> {
  const { createHash } = await import('node:crypto')
  return createHash('sha256').update(text).digest('hex')
}
