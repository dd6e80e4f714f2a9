/** What boot and rebuild do alike for a guest: its images, its description, its config drive. */
import { type BootImages, guestImage, guestSpec } from '../compute/guest-spec.ts'
import { asFault, Fault } from '../core/fault.ts'
import { configDriveFiles, randomSeedBytes } from '../drivers/config-drive.ts'
import type { GuestSpec, GuestState } from '../drivers/driver.ts'
import type { Image } from '../model/image.ts'
import type { Server } from '../model/server.ts'
import type { TaskState } from '../model/states.ts'
import type { Reader } from '../state/store.ts'
import type { Step, StepRun } from './flow.ts'
import { changeServer, hostOf, onHost, onHostNamed, seen, serverOf } from './server-steps.ts'
import { transferProgress } from './transfer-progress.ts'

/** Puts every image that the server boots from into its host's cache. */
export async function cacheImages(run: StepRun<unknown>): Promise<undefined> {
  const { image, kernel, ramdisk } = await bootImages(run)
  const { host, name } = await run.tools.store.read((reader) => serverOf(reader, run.serverId))
  if (host === null) throw new Fault('conflict', `server ${name} has no host`)
  for (const needed of [image, kernel, ramdisk]) if (needed) await cacheImage(run, host, needed)
}

/** The same on the host that the server moves to; an image that was deleted comes from the old host's cache, with the disks. */
export async function cacheKnownImages(run: StepRun<unknown>, host: string): Promise<{ readonly lacksNone: boolean }> {
  const { image, kernel, ramdisk } = await bootImages(run)
  let lacksNone = true
  for (const needed of [image, kernel, ramdisk]) {
    if (!needed) continue
    if (needed.checksum !== null && (await isKnown(run, needed.checksum))) await cacheImage(run, host, needed)
    else lacksNone = false
  }
  return { lacksNone }
}

/** Bytes that only a service may have which does not answer come from the old host, too. */
const isKnown = ({ tools }: StepRun<unknown>, digest: string) =>
  tools.images.has(digest).catch((error: unknown) => {
    if (asFault(error).kind === 'unreachable') return false
    throw error
  })

async function cacheImage(run: StepRun<unknown>, host: string, image: Image): Promise<void> {
  const wanted = guestImage(image)
  const args = { image: wanted, localPath: run.tools.images.path(wanted.digest) }
  const onProgress = transferProgress(run.tools, `image ${image.name} to ${host}`)
  await onHostNamed(run, host, 'cacheImage', args, { onProgress })
}

/** The guest as its host's driver must make it. */
export const specOfServer = async (run: StepRun<unknown>): Promise<GuestSpec> => (await specAndHost(run)).spec

/** The same with the name of that host, by one look at the records. */
export const specAndHost = (run: StepRun<unknown>): Promise<{ readonly spec: GuestSpec; readonly host: string }> =>
  seen(run, async (reader) => {
    const server = await serverOf(reader, run.serverId)
    const host = await hostOf(reader, server)
    return { spec: guestSpec(server, await imagesOf(reader, server), host), host: host.name }
  })

/** Writes the config drive, when the server has one. */
async function makeConfigDrive(run: StepRun<unknown>): Promise<void> {
  const { server, publicKey } = await run.tools.store.read(async (reader) => {
    const found = await serverOf(reader, run.serverId)
    const keypair = found.keyName === null ? undefined : await reader.get('keypairs', `${found.userId}/${found.keyName}`)
    return { server: found, publicKey: keypair?.publicKey }
  })
  if (server.configDrive) await onHost(run, 'createConfigDrive', { files: await driveFiles(run, server, publicKey) })
}

/** The step that makes the config drive and then says what the server is busy with. */
export const configDriveStep = <S>(next: TaskState): Step<S> => ({
  name: 'config-drive',
  async within(tx, { serverId }) {
    if ((await serverOf(tx, serverId)).configDrive) return false
    await changeServer(tx, serverId, { taskState: next })
    return true
  },
  async run(run) {
    await makeConfigDrive(run)
    return { commit: (tx) => changeServer(tx, run.serverId, { taskState: next }) }
  },
})

/** A start that left a guest which does not run has failed. In a plan nothing was started, so nothing can be asked. */
export function needRunning(run: StepRun<unknown>, guest: GuestState | null): void {
  if (!guest || guest.powerState === 'running' || run.tools.plan) return
  throw new Fault('internal', `guest ${run.serverId} is ${guest.powerState} right after its start: ${guest.detail}`)
}

async function driveFiles(run: StepRun<unknown>, server: Server, publicKey: string | undefined) {
  const { vault, random, settings } = run.tools
  return configDriveFiles({
    id: server.id,
    name: server.name,
    hostname: server.hostname,
    projectId: server.projectId,
    availabilityZone: server.availabilityZone ?? settings.defaultZone,
    metadata: server.metadata,
    keys: server.keyName !== null && publicKey !== undefined ? [{ name: server.keyName, type: 'ssh', publicKey }] : [],
    userData: (await vault.get(server.id, 'user_data')) ?? null,
    adminPassword: null,
    randomSeed: random.bytes(randomSeedBytes),
    launchIndex: 0,
    nics: server.nics.map((nic, index) => ({
      id: `tap${index}`,
      mac: nic.mac,
      mtu: null,
      networkId: nic.kind,
      address: { type: 'ipv4_dhcp' },
    })),
    dnsServers: [],
  })
}

/** The image of a server, with the kernel and ramdisk that it names. */
export const bootImages = (run: StepRun<unknown>): Promise<BootImages> =>
  run.tools.store.read(async (reader) => imagesOf(reader, await serverOf(reader, run.serverId)))

async function imagesOf(reader: Reader, server: Server): Promise<BootImages> {
  const image = await rootImageOf(reader, server)
  return {
    image: image ?? null,
    kernel: await linked(reader, image?.kernelId),
    ramdisk: await linked(reader, image?.ramdiskId),
  }
}

/** Whether a server boots from an image at all; one that was lost since counts. */
export async function hasImage(reader: Reader, serverId: string): Promise<boolean> {
  const server = await reader.get('servers', serverId)
  return (server?.rootImageId ?? server?.imageId ?? null) !== null
}

/** The image below the server's root disk. */
export async function rootImageOf(reader: Reader, { rootImageId, imageId }: Server): Promise<Image | undefined> {
  const id = rootImageId ?? imageId
  return id === null ? undefined : reader.get('images', id)
}

async function linked(reader: Reader, id: string | null | undefined): Promise<Image | null> {
  if (!id) return null
  const image = await reader.get('images', id)
  if (image) return image
  throw new Fault('not-found', `image ${id}, named as kernel or ramdisk, is gone`)
}
