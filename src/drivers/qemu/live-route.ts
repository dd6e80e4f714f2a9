/** The way that memory and disks take from one qemu to the other: through the controller, or straight, in clear or by TLS. */
import { Fault } from '../../core/fault.ts'
import { inOneGo } from '../../hosts/batch.ts'
import type { GuestPlace, LiveOrder, StorageKind } from '../driver.ts'
import { openTunnel } from '../tunnel.ts'
import { rowsOf, type Side } from './live-side.ts'
import type { Qmp } from './qmp.ts'

export interface Route {
  /** Name of the credentials inside qemu; undefined where none are needed. */
  readonly creds: string | undefined
  /** Gives one of the two its credentials. */
  arm(qmp: Qmp, endpoint: 'server' | 'client'): Promise<void>
  /** Makes the destination wait for memory; resolves with the URI for the source. */
  expectMemory(qmp: Qmp): Promise<string>
  /** Makes the destination's NBD server listen; resolves with its address for the source. */
  serveDisks(qmp: Qmp): Promise<object>
  close(): Promise<void>
}

/** Relative to the guest's directory, where qemu works: the kernel's addresses are short. Both ends may have one directory. */
const memorySocket = { near: 'live-memory.sock', far: 'live-memory.there.sock' } as const
const disksSocket = { near: 'live-disks.sock', far: 'live-disks.there.sock' } as const

/** Opens the way that the order names. `unsupported` when it needs an address of the destination that is not known. */
export function openRoute(order: LiveOrder, source: Side, target: Side, place: GuestPlace): Promise<Route> {
  if (order.transport === 'tunnel') return tunnelRoute(source, target, order.storage)
  if (place.address !== undefined) return straightRoute(order.transport === 'tls', source, target, place.address)
  throw new Fault('unsupported', `no address of host ${place.host.name} is known for memory to go straight to it`, {
    hint: 'use the tunnel',
  })
}

async function tunnelRoute(source: Side, target: Side, storage: StorageKind): Promise<Route> {
  const open = ({ near, far }: { readonly near: string; readonly far: string }) => {
    const end = ({ context, paths }: Side, socket: string) => ({ host: context.host, socket: `${paths.directory}/${socket}` })
    return openTunnel(end(source, near), end(target, far))
  }
  const opened = await Promise.allSettled([memorySocket, ...(storage === 'copy' ? [disksSocket] : [])].map(open))
  const tunnels = opened.flatMap((tunnel) => (tunnel.status === 'fulfilled' ? [tunnel.value] : []))
  const close = async () => {
    await Promise.all(tunnels.map((tunnel) => tunnel.close()))
  }
  for (const tunnel of opened) {
    if (tunnel.status === 'fulfilled') continue
    await close()
    throw tunnel.reason
  }
  return {
    creds: undefined,
    arm: async () => {},
    async expectMemory(qmp) {
      await qmp.execute('migrate-incoming', { uri: `unix:${memorySocket.far}` })
      return `unix:${memorySocket.near}`
    },
    async serveDisks(qmp) {
      await qmp.execute('nbd-server-start', { addr: { type: 'unix', data: { path: disksSocket.far } } })
      return { type: 'unix', path: disksSocket.near }
    },
    close,
  }
}

/** What QEMU and libvirt use by convention. */
const firstPort = 49_152
const portCount = 64

async function straightRoute(isEncrypted: boolean, source: Side, target: Side, address: string): Promise<Route> {
  const creds = isEncrypted ? credsName : undefined
  if (isEncrypted) await writeKeys(source, target)
  const host = address.includes(':') ? `[${address}]` : address
  return {
    creds,
    async arm(qmp, endpoint) {
      if (isEncrypted)
        await qmp.execute('object-add', { 'qom-type': 'tls-creds-psk', id: credsName, endpoint, dir: keyDirectory })
    },
    async expectMemory(qmp) {
      await qmp.execute('migrate-incoming', { uri: `tcp:${host}:0` })
      const [listening] = rowsOf((await migrationFields(qmp))?.get('socket-address'))
      return `tcp:${host}:${String(listening?.get('port'))}`
    },
    serveDisks: (qmp) => serveOn(qmp, address, creds),
    async close() {
      if (isEncrypted) await removeKeys(source, target)
    },
  }
}

const migrationFields = async (qmp: Qmp) => rowsOf([await qmp.execute('query-migrate')])[0]

/** qemu does not tell which port it took by itself, so ports are tried. */
async function serveOn(qmp: Qmp, host: string, creds: string | undefined): Promise<object> {
  const tls = creds === undefined ? {} : { 'tls-creds': creds }
  for (let port = firstPort; ; port += 1) {
    try {
      await qmp.execute('nbd-server-start', { addr: { type: 'inet', data: { host, port: String(port) } }, ...tls })
      return { type: 'inet', host, port: String(port) }
    } catch (error) {
      const isTaken = error instanceof Fault && /in use/.test(error.message)
      if (!isTaken || port === firstPort + portCount - 1) throw error
    }
  }
}

const credsName = 'live-tls'
const keyDirectory = 'live-keys'

/** One random key, known to these two processes alone and gone when the move is over. */
async function writeKeys(source: Side, target: Side): Promise<void> {
  const key = Buffer.from(source.context.random.bytes(32)).toString('hex')
  const write = ({ context, paths }: Side, group?: string) =>
    inOneGo(context.host, async (host) => {
      const directory = `${paths.directory}/${keyDirectory}`
      await host.mkdir(directory)
      await host.writeFile(`${directory}/keys.psk`, `qemu:${key}\n`)
      // Without a group a server's qemu makes one of its own, which takes it seconds.
      if (group !== undefined) await host.writeFile(`${directory}/dh-params.pem`, group)
    })
  await Promise.all([write(source), write(target, ffdhe2048)])
}

/** The group of RFC 7919. */
export const ffdhe2048 = `-----BEGIN DH PARAMETERS-----
MIIBCAKCAQEA//////////+t+FRYortKmq/cViAnPTzx2LnFg84tNpWp4TZBFGQz
+8yTnc4kmz75fS/jY2MMddj2gbICrsRhetPfHtXV/WVhJDP1H18GbtCFY2VVPe0a
87VXE15/V8k1mE8McODmi3fipona8+/och3xWKE2rec1MKzKT0g6eXq8CrGCsyT7
YdEIqUuyyOP7uWrat2DX9GgdT0Kj3jlN9K5W7edjcrsZCwenyO4KbXCeAvzhzffi
7MA0BM0oNC9hkXL+nOmFg/+OTxIy7vKBg8P+OxtMb61zO7X8vC7CIAXFjvGDfRaD
ssbzSibBsu/6iGtCOGEoXJf//////////wIBAg==
-----END DH PARAMETERS-----
`

async function removeKeys(source: Side, target: Side): Promise<void> {
  const remove = ({ context, paths }: Side) => context.host.remove(`${paths.directory}/${keyDirectory}`).catch(() => {})
  await Promise.all([remove(source), remove(target)])
}

/** Takes the credentials of an older move from qemu. */
export async function disarm(qmp: Qmp): Promise<void> {
  await qmp.execute('migrate-set-parameters', { 'tls-creds': '' })
  const objects = rowsOf(await qmp.execute('qom-list', { path: '/objects' }))
  if (objects.some((object) => object.get('name') === credsName)) await qmp.execute('object-del', { id: credsName })
}

/** Bytes a second of an order; 0 for no limit. */
export const bytesASecond = ({ bandwidth }: LiveOrder): number => (bandwidth ?? 0) * 1024 ** 2
