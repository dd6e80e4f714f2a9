/** Images that must never be taken: each reads another file, hides something, lies about its size, or is two things at once. */
import { aGptDisk, aKernel, anExtDisk, anIso, anMbrDisk, aQcow2, startingWith } from './disk-images.ts'

export interface HostileImage {
  readonly name: string
  readonly bytes: Buffer
  /** True when a user may still import the very bytes as a raw disk, since no tool would open them as more. */
  readonly isHarmlessRaw: boolean
}

const disk = (name: string, bytes: Buffer): HostileImage => ({ name, bytes, isHarmlessRaw: false })
const harmless = (name: string, bytes: Buffer): HostileImage => ({ name, bytes, isHarmlessRaw: true })

function broken(name: string, change: (bytes: Buffer) => unknown, version = 3): HostileImage {
  const bytes = aQcow2({ version })
  change(bytes)
  return disk(`qcow2: ${name}`, bytes)
}

function backed(name: string, version = 3): HostileImage {
  return broken(
    `backing file ${name}`,
    (bytes) => {
      bytes.writeBigUInt64BE(512n, 8)
      bytes.writeUInt32BE(name.length, 16)
      bytes.write(name, 512)
    },
    version,
  )
}

const cluster = 65_536n
const otherFiles = [
  backed('/etc/shadow'),
  backed('../secret', 2),
  backed('json:{"driver":"raw","file":{"driver":"file","filename":"/etc/shadow"}}'),
  backed('nbd://10.0.0.1/x'),
  backed('http://169.254.169.254/latest'),
  broken('backing file of a size without a place', (b) => b.writeUInt32BE(8, 16)),
  broken('external data file', (b) => b.writeUInt32BE(4, 76)),
  disk('qcow2: name of a data file', aQcow2({ extensions: [{ type: 0x44415441, data: '/etc/shadow' }] })),
  disk(
    'qcow2: data file behind another extension',
    aQcow2({
      extensions: [
        { type: 1, data: 'padding' },
        { type: 0x44415441, data: '/x' },
      ],
    }),
  ),
  broken('raw external data without its feature', (b) => b.writeUInt32BE(2, 92)),
]

const features = [
  broken('encrypted with AES', (b) => b.writeUInt32BE(1, 32)),
  broken('encrypted with LUKS', (b) => b.writeUInt32BE(2, 32)),
  disk('qcow2: encryption header', aQcow2({ extensions: [{ type: 0x0537be77, data: '0123456789abcdef' }] })),
  broken('unknown feature 5', (b) => b.writeUInt32BE(32, 76)),
  broken('unknown feature 63', (b) => b.writeUInt32BE(0x80000000, 72)),
  broken('corrupt', (b) => b.writeUInt32BE(2, 76)),
  broken('dirty', (b) => b.writeUInt32BE(1, 76)),
  broken('compression without a type', (b) => b.writeUInt32BE(8, 76)),
  broken('compression type without the feature', (b) => b.writeUInt32BE(112, 100) && b.writeUInt8(1, 104)),
  broken('compression type 2', (b) => b.writeUInt32BE(8, 76) && b.writeUInt32BE(112, 100) && b.writeUInt8(2, 104)),
  broken('subclusters in small clusters', (b) => b.writeUInt32BE(16, 76) && b.writeUInt32BE(12, 20)),
  broken('version 1', (b) => b.writeUInt32BE(1, 4)),
  broken('version 4', (b) => b.writeUInt32BE(4, 4)),
  broken('version 2^32-1', (b) => b.writeUInt32BE(0xffffffff, 4)),
  broken('header length 8', (b) => b.writeUInt32BE(8, 100)),
  broken('header length 2^31', (b) => b.writeUInt32BE(0x80000000, 100)),
  broken('extension longer than the file', (b) => b.writeUInt32BE(1, 104) && b.writeUInt32BE(0xffffffff, 108)),
  broken('refcounts of 2^7 bits', (b) => b.writeUInt32BE(7, 96)),
]

const sizes = [
  broken('a disk of 100 TiB', (b) => b.writeBigUInt64BE(100n * 1024n ** 4n, 24)),
  broken('a disk of 2^63 bytes', (b) => b.writeBigUInt64BE(2n ** 63n, 24)),
  broken('a disk of 0 bytes', (b) => b.writeBigUInt64BE(0n, 24)),
  ...[0, 8, 22, 63, 0xffffffff].map((bits) => broken(`clusters of 2^${bits}`, (b) => b.writeUInt32BE(bits, 20))),
  broken('L1 table of 2^32-1 entries', (b) => b.writeUInt32BE(0xffffffff, 36)),
  broken('L1 table too small', (b) => b.writeUInt32BE(0, 36)),
  broken('L1 table outside', (b) => b.writeBigUInt64BE(2n ** 40n, 40)),
  broken('L1 table not aligned', (b) => b.writeBigUInt64BE(3n * cluster + 8n, 40)),
  broken('L1 table over the header', (b) => b.writeBigUInt64BE(0n, 40)),
  broken('no refcount table', (b) => b.writeUInt32BE(0, 56)),
  broken('refcount table of 2^32-1 clusters', (b) => b.writeUInt32BE(0xffffffff, 56)),
  broken('refcount table outside', (b) => b.writeBigUInt64BE(2n ** 62n, 48)),
  broken('refcount table over the L1 table', (b) => b.writeBigUInt64BE(3n * cluster, 48)),
  broken('2 million snapshots', (b) => b.writeUInt32BE(2_000_000, 60) && b.writeBigUInt64BE(2n * cluster, 64)),
  broken('snapshots outside', (b) => b.writeUInt32BE(1, 60) && b.writeBigUInt64BE(2n ** 50n, 64)),
  broken('snapshots over the L1 table', (b) => b.writeUInt32BE(1, 60) && b.writeBigUInt64BE(3n * cluster, 64)),
  broken('refcount table that counts itself', (b) => b.writeBigUInt64BE(cluster, Number(cluster))),
  broken('refcount block outside', (b) => b.writeBigUInt64BE(2n ** 40n, Number(cluster))),
  broken('L1 table that leads to itself', (b) => b.writeBigUInt64BE(3n * cluster, 3 * Number(cluster))),
  broken('L2 table outside', (b) => b.writeBigUInt64BE(2n ** 63n + 2n ** 40n, 3 * Number(cluster))),
  ...[4, 40, 71, 103, 112, 70_000].map((bytes) => disk(`qcow2: cut after ${bytes} bytes`, aQcow2().subarray(0, bytes))),
]

const descriptor = 'version=1\nCID=1\nparentCID=ffffffff\ncreateType="monolithicFlat"\nRW 2048 FLAT "/etc/shadow" 0\n'
const fixedVhd = Buffer.concat([anMbrDisk(), startingWith('conectix', 512)])
const vdi = (bytes: Buffer) => {
  bytes.writeUInt32LE(0xbeda107f, 64)
  return bytes
}
const foreign = [
  disk('VMDK: sparse', startingWith('KDMV')),
  disk('VMDK: version 3', startingWith('COWD')),
  disk('VMDK: flat descriptor', Buffer.from(`# Disk DescriptorFile\n${descriptor}`)),
  disk('VMDK: descriptor behind comments', Buffer.from(`${'# nothing\n\n'.repeat(500)}${descriptor}`)),
  disk('VMDK: descriptor without its title', Buffer.from(descriptor)),
  disk('VMDK: descriptor on a disk', Buffer.concat([Buffer.from(`# Disk DescriptorFile\n${descriptor}`), anMbrDisk()])),
  disk('VHD: dynamic', startingWith('conectix')),
  disk('VHD: fixed, its header at the end', fixedVhd),
  disk('VHDX', startingWith('vhdxfile')),
  disk('VDI', vdi(startingWith('<<< Oracle VM VirtualBox Disk Image >>>\n'))),
  disk('QED', startingWith('QED\0')),
  disk('LUKS', startingWith('LUKS\xba\xbe')),
  disk('Parallels', startingWith('WithoutFreeSpace')),
  disk('Bochs', startingWith('Bochs Virtual HD Image')),
  disk('cloop', startingWith('#!/bin/sh\n#V2.0 Format\nmodprobe cloop')),
]

function over(base: Buffer, part: Buffer, at: number, length: number): Buffer {
  const bytes = Buffer.concat([base, Buffer.alloc(Math.max(0, at + length - base.length))])
  part.copy(bytes, at, at, at + length)
  return bytes
}
const polyglots = [
  disk('qcow2 and ISO', over(aQcow2(), anIso(), 0x8000, 2048)),
  disk('qcow2 and MBR', over(aQcow2(), anMbrDisk(), 446, 66)),
  disk('qcow2 and ext', over(aQcow2(), anExtDisk(), 1024, 1024)),
  disk('qcow2 and GPT', over(aQcow2(), aGptDisk(), 512, 512)),
  disk('VMDK and ISO', over(startingWith('KDMV'), anIso(), 0x8000, 2048)),
  disk('VMDK descriptor and ISO', over(anIso(), Buffer.from(`# Disk DescriptorFile\n${descriptor}`), 0, 200)),
  disk('VDI and MBR', vdi(anMbrDisk())),
  disk('LUKS and ISO', over(startingWith('LUKS\xba\xbe'), anIso(), 0x8000, 2048)),
  harmless('ISO and ext', over(anIso(), anExtDisk(), 1024, 1024)),
  harmless('gzip and ISO', over(startingWith('\x1f\x8b\x08'), anIso(), 0x8000, 2048)),
  harmless('kernel and ISO', over(aKernel(), anIso(), 0x8000, 2048)),
  harmless('cpio and MBR', over(startingWith('070701'), anMbrDisk(), 446, 66)),
]

function changed(bytes: Buffer, change: (bytes: Buffer) => unknown): Buffer {
  change(bytes)
  return bytes
}
const noImages = [
  disk('nothing', Buffer.alloc(0)),
  harmless('HTML', Buffer.from('\n<!DOCTYPE html><html><body>404</body></html>')),
  harmless('text', Buffer.from('just a text\n')),
  harmless('json: as text', Buffer.from('json:{"driver":"file","filename":"/etc/shadow"}')),
  harmless('zeros', Buffer.alloc(100_000)),
  harmless('one byte', Buffer.from([7])),
  harmless('tar', over(startingWith('disk.ovf'), Buffer.concat([Buffer.alloc(257), Buffer.from('ustar')]), 257, 5)),
  harmless('zip', startingWith('PK\x03\x04')),
  harmless(
    'GPT of 2^32-1 partitions',
    changed(aGptDisk(), (b) => b.writeUInt32LE(0xffffffff, 592)),
  ),
  harmless(
    'GPT of tiny entries',
    changed(aGptDisk(), (b) => b.writeUInt32LE(1, 596)),
  ),
  harmless('GPT of a disk that was cut', aGptDisk(8 * 1024 * 1024).subarray(0, 2 * 1024 * 1024)),
  harmless('MBR of a disk that was cut', anMbrDisk(8 * 1024 * 1024).subarray(0, 2 * 1024 * 1024)),
  harmless('ISO that was cut', anIso(4096).subarray(0, 100_000)),
  harmless(
    'ISO of two sizes',
    changed(anIso(), (b) => b.writeUInt32BE(7, 0x8000 + 84)),
  ),
]

/** All of them. */
export const hostileImages: readonly HostileImage[] = [
  ...otherFiles,
  ...features,
  ...sizes,
  ...foreign,
  ...polyglots,
  ...noImages,
]
