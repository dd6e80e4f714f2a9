/** Disk formats that are known and not taken: they can name other files, or hide what a guest would see. */
import type { Bytes } from './bytes.ts'

const magics: readonly (readonly [offset: number, magic: string, name: string])[] = [
  [0, 'KDMV', 'VMDK'],
  [0, 'COWD', 'VMDK'],
  [0, 'conectix', 'VHD'],
  [0, 'cxsparse', 'VHD'],
  [0, 'vhdxfile', 'VHDX'],
  [0, 'QED\0', 'QED'],
  [0, 'LUKS\xba\xbe', 'LUKS'],
  [0, 'SKUL\xba\xbe', 'LUKS'],
  [0, 'WithoutFreeSpace', 'Parallels'],
  [0, 'WithouFreSpacExt', 'Parallels'],
  [0, 'Bochs Virtual HD Image', 'Bochs'],
  [0, '#!/bin/sh\n#V2.0 Format', 'cloop'],
  [0, 'OOOM', 'COW'],
  [64, '\x7f\x10\xda\xbe', 'VDI'],
]
const tailMagics: readonly (readonly [fromEnd: number, magic: string, name: string])[] = [
  [512, 'conectix', 'VHD'],
  [511, 'conectix', 'VHD'],
  [512, 'koly', 'DMG'],
]

/** The names of the foreign formats that `head` or `tail` (the last bytes of the file) belong to. */
export function foreignFormats(head: Bytes, tail: Bytes): string[] {
  const found = magics.filter(([offset, magic]) => head.has(offset, magic)).map(([, , name]) => name)
  const atEnd = tailMagics.filter(([fromEnd, magic]) => tail.length >= fromEnd && tail.has(tail.length - fromEnd, magic))
  const names = [...found, ...atEnd.map(([, , name]) => name), ...(isVmdkDescriptor(head) ? ['VMDK'] : [])]
  return [...new Set(names)]
}

/** A VMDK may be a text that lists other files; QEMU finds it behind any comments. */
function isVmdkDescriptor(head: Bytes): boolean {
  const text = head.text(0, 20_480).toLowerCase()
  if (/#\s*disk descriptorfile/.test(text.slice(0, 4096)) || /^\s*createtype\s*=/m.test(text)) return true
  const firstStatement = text.split(/\r?\n/).find((line) => !/^\s*(#.*)?$/.test(line))
  return /^\s*version\s*=\s*\d/.test(firstStatement ?? '')
}

const archives: readonly (readonly [offset: number, magic: string, name: string])[] = [
  [257, 'ustar', 'a tar archive (an OVA is one)'],
  [0, 'PK\x03\x04', 'a zip archive'],
  [0, '7z\xbc\xaf\x27\x1c', 'a 7z archive'],
  [0, 'BZh', 'a bzip2 file'],
  [0, 'Rar!', 'a rar archive'],
  [0, '!<arch>\n', 'an ar archive'],
  [0, 'MSWIM', 'a WIM archive'],
  [0, '%PDF', 'a PDF document'],
]

/** What else a file seems to be, in words, or undefined. */
export function otherKind(head: Bytes): string | undefined {
  const archive = archives.find(([offset, magic]) => head.has(offset, magic))
  if (archive !== undefined) return archive[2]
  const start = head.text(0, 512)
  // biome-ignore lint/suspicious/noControlCharactersInRegex: what is no control character is text
  if (start === '' || /[\x00-\x08\x0e-\x1a\x1c-\x1f]/.test(start)) return undefined
  return /^\s*<(!doctype|html|\?xml|head|body)/i.test(start) ? 'an HTML page, perhaps the error page of a download' : 'a text'
}
