/** What boot and rebuild do alike for a guest: its images, its description, its config drive. */
import { type BootImages, guestImage, guestSpec } from '../compute/guest-spec.ts'
import { Fault } from '../core/fault.ts'
import { configDriveFiles, randomSeedBytes } from '../drivers/config-drive.ts'
import type { GuestSpec } from '../drivers/driver.ts'
import type { Image } from '../model/image.ts'
import type { Server } from '../model/server.ts'
import type { Reader } from '../state/store.ts'
import type { StepRun } from './flow.ts'
import { hostOf, onHost, serverOf } from './server-steps.ts'

/** Puts every image that the server boots from into its host's cache. */
export async function cacheImages(run: StepRun<unknown>): Promise<undefined> {
  const images = await bootImages(run)
  for (const needed of [images.image, images.kernel, images.ramdisk]) {
    if (!needed) continue
    const wanted = guestImage(needed)
    await onHost(run, 'cacheImage', { image: wanted, localPath: run.tools.images.path(wanted.digest) })
  }
}

/** The guest as its host's driver must make it. */
export async function specOfServer(run: StepRun<unknown>): Promise<GuestSpec> {
  const images = await bootImages(run)
  const { server, host } = await run.tools.store.read(async (reader) => {
    const found = await serverOf(reader, run.serverId)
    return { server: found, host: await hostOf(reader, found) }
  })
  return guestSpec(server, images, host)
}

/** Writes the config drive, when the server has one. */
export async function makeConfigDrive(run: StepRun<unknown>): Promise<void> {
  const { server, publicKey } = await run.tools.store.read(async (reader) => {
    const found = await serverOf(reader, run.serverId)
    const keypair = found.keyName === null ? undefined : await reader.get('keypairs', `${found.userId}/${found.keyName}`)
    return { server: found, publicKey: keypair?.publicKey }
  })
  if (server.configDrive) await onHost(run, 'createConfigDrive', { files: driveFiles(run, server, publicKey) })
}

function driveFiles(run: StepRun<unknown>, server: Server, publicKey: string | undefined) {
  const { vault, random, settings } = run.tools
  return configDriveFiles({
    id: server.id,
    name: server.name,
    hostname: server.hostname,
    projectId: server.projectId,
    availabilityZone: server.availabilityZone ?? settings.defaultZone,
    metadata: server.metadata,
    keys: server.keyName !== null && publicKey !== undefined ? [{ name: server.keyName, type: 'ssh', publicKey }] : [],
    userData: vault.get(server.id, 'user_data') ?? null,
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
export async function bootImages(run: StepRun<unknown>): Promise<BootImages> {
  return run.tools.store.read(async (reader) => {
    const { imageId } = await serverOf(reader, run.serverId)
    const image = imageId === null ? undefined : await reader.get('images', imageId)
    return {
      image: image ?? null,
      kernel: await linked(reader, image?.kernelId),
      ramdisk: await linked(reader, image?.ramdiskId),
    }
  })
}

async function linked(reader: Reader, id: string | null | undefined): Promise<Image | null> {
  if (!id) return null
  const image = await reader.get('images', id)
  if (image) return image
  throw new Fault('not-found', `image ${id}, named as kernel or ramdisk, is gone`)
}
