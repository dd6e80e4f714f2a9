/** A cloud of three real hosts, driven by the command line: each experiment gets a copy of its records as they were at first. */
import { createHash } from 'node:crypto'
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type CliResult, nova } from '../../support/cli.ts'
import { type GatedCli, gatedNova } from '../../support/gated-cli.ts'
import type { Rig } from '../../support/rig/rig.ts'
import type { RigHost } from '../../support/rig/rig-host.ts'
import { reading, type StateReading } from '../../support/torture-state.ts'
import { seeded } from '../runner/seeded.ts'

/** Which driver, and whether the hosts have one directory. */
export type CloudKind = 'qemu' | 'libvirt' | 'shared'
export const cloudKinds: readonly CloudKind[] = ['qemu', 'libvirt', 'shared']

const mebibyte = 1024 ** 2
/** What a test writes into the root disk of its guest, as the guest would. */
export const mark = { byte: 0xab, offset: 3 * mebibyte, size: mebibyte }
/** Bytes of the image; a disk may be larger. */
export const imageBytes = 8 * mebibyte

export interface RigState extends StateReading {
  readonly cloud: RigCloud
  run(line: string): Promise<CliResult>
  /** Throws what the command said when it failed. */
  succeed(line: string): Promise<string>
  gated(line: string): Promise<GatedCli>
  remove(): void
}

export interface RigCloud {
  readonly rig: Rig
  readonly kind: CloudKind
  readonly driver: 'qemu' | 'libvirt'
  /** As the hosts know it. */
  readonly instancesPath: string
  /** Checksums of the first bytes of a root disk: as the image is, and with the mark. */
  readonly contents: { readonly image: string; readonly marked: string }
  /** Where this machine has a host's instances. */
  instancesOf(host: RigHost): string
  fresh(): RigState
  remove(): void
}

const paths = { qemu: '/var/lib/nova/qemu', libvirt: '/var/lib/nova/instances', shared: '/var/lib/nova-shared/instances' }
const deadlineMs = 400_000
/** Guests without a system hear no power button; hosts that are off need no long wait. */
const settings = { shutdownTimeout: 0, computeDeadlineMs: 60_000 }

/** Adds the rig's hosts, an image and two flavors to a new state directory. */
export async function rigCloud(rig: Rig, kind: CloudKind): Promise<RigCloud> {
  const template = mkdtempSync(join(tmpdir(), 'nk-'))
  const state = join(template, 'state')
  mkdirSync(join(state, '.ssh'), { recursive: true, mode: 0o700 })
  writeFileSync(join(state, '.ssh/config'), 'ConnectTimeout 3\n', { mode: 0o600 })
  writeFileSync(join(state, 'settings.json'), JSON.stringify(settings))
  const driver = kind === 'qemu' ? 'qemu' : 'libvirt'
  const image = Buffer.from(Uint8Array.from({ length: imageBytes }, bytesOf(kind)))
  const file = join(template, 'image')
  writeFileSync(file, image)
  const base = stateAt(state)
  for (const { name, address } of rig.hosts) {
    const login = `--identity ${rig.identityFile} --accept-new --instances-path ${paths[kind]}`
    await base.succeed(`host add ${name} root@${address} --driver ${driver} ${login}`)
  }
  await base.succeed(`image create small --file ${file} --disk-format raw`)
  await base.succeed('flavor create small --ram 64 --vcpus 1 --disk 0')
  await base.succeed('flavor create big --ram 96 --vcpus 1 --disk 1')
  const cloud: RigCloud = {
    rig,
    kind,
    driver,
    instancesPath: paths[kind],
    contents: contentsOf(image),
    instancesOf: ({ directory }) =>
      kind === 'shared' ? join(rig.shared, 'instances') : join(directory, paths[kind].replace('/var/lib/nova', 'lib-nova')),
    fresh() {
      const copy = mkdtempSync(join(tmpdir(), 'nk-'))
      cpSync(state, copy, { recursive: true })
      return { ...stateAt(copy), ...reading(copy), cloud, remove: () => rmSync(copy, { recursive: true, force: true }) }
    },
    remove: () => rmSync(template, { recursive: true, force: true }),
  }
  return cloud
}

/** No two kinds have one image: their caches on the hosts differ. */
function bytesOf(kind: CloudKind): () => number {
  const random = seeded(cloudKinds.indexOf(kind) + 1)
  return () => Math.floor(random() * 256)
}

function contentsOf(image: Buffer): RigCloud['contents'] {
  const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex')
  const marked = Buffer.from(image).fill(mark.byte, mark.offset, mark.offset + mark.size)
  return { image: sha256(image), marked: sha256(marked) }
}

function stateAt(state: string) {
  const words = (line: string) => line.split(' ')
  const options = { state, timeoutMs: deadlineMs }
  const run = (line: string) => nova(words(line), options)
  return {
    run,
    gated: (line: string) => gatedNova(words(line), options),
    async succeed(line: string) {
      const { code, signal, stderr, stdout } = await run(line)
      if (code !== 0) throw new Error(`nova ${line} ended with ${code ?? signal}: ${stderr}`)
      return stdout
    },
  }
}
