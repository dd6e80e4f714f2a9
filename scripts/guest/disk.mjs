/**
 * A bootable whole disk without root and without loop mounts: an MBR, one FAT16 partition and syslinux, written by mtools.
 */
import { execFileSync } from 'node:child_process'
import { closeSync, ftruncateSync, openSync, readFileSync, writeFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { findFile } from './packages.mjs'

const sector = 512
const partitionStart = 2048

/** Writes `guest.qcow2` with the kernel, the first file system and its command line. */
export function writeDisk({ tree, work, kernel, ramdisk, commandLine, output, mebibytes = 40 }) {
  const image = join(work, 'disk.raw')
  const sectors = mebibytes * 2048 - partitionStart
  writeMasterBootRecord(image, mebibytes, sectors, readFileSync(findFile(tree, 'mbr/mbr.bin')))
  const settings = join(work, 'syslinux.cfg')
  writeFileSync(settings, `DEFAULT guest\nPROMPT 0\nLABEL guest\n KERNEL vmlinuz\n INITRD initrd.gz\n APPEND ${commandLine}\n`)
  const tools = join(tree, 'usr/bin')
  // syslinux calls mtools by name, and mtools doubts a geometry that no real disk has.
  const env = { ...process.env, PATH: `${tools}:${process.env.PATH}`, MTOOLS_SKIP_CHECK: '1' }
  const run = (command, argv) => execFileSync(command, argv, { env, stdio: ['ignore', 'pipe', 'pipe'] })
  const partition = `${image}@@${partitionStart * sector}`
  run('mformat', [
    '-i',
    partition,
    '-T',
    `${sectors}`,
    '-h',
    '64',
    '-s',
    '32',
    '-H',
    `${partitionStart}`,
    '-c',
    '32',
    '-v',
    'BOOT',
    '::',
  ])
  run('mcopy', ['-i', partition, kernel, '::vmlinuz'])
  run('mcopy', ['-i', partition, ramdisk, '::initrd.gz'])
  run('mcopy', ['-i', partition, settings, '::syslinux.cfg'])
  run('syslinux', ['--install', '--offset', `${partitionStart * sector}`, image])
  // Not compressed: kernel and first file system are already, and unpacking costs the boot a quarter more.
  run('qemu-img', ['convert', '-f', 'raw', '-O', 'qcow2', image, output])
}

function writeMasterBootRecord(path, mebibytes, sectors, bootCode) {
  const record = Buffer.alloc(sector)
  bootCode.copy(record, 0, 0, 440)
  record.write('NOVA', 440, 'latin1')
  // One active FAT16 (LBA) partition; the cylinder fields are past what they can say.
  record.set([0x80, 0x20, 0x21, 0x00, 0x0e, 0xfe, 0xff, 0xff], 446)
  record.writeUInt32LE(partitionStart, 454)
  record.writeUInt32LE(sectors, 458)
  record.set([0x55, 0xaa], 510)
  const file = openSync(path, 'w')
  ftruncateSync(file, mebibytes * 1024 * 1024)
  writeSync(file, record, 0, sector, 0)
  closeSync(file)
}
