/**
 * Memory of guests whose processors are emulated. QEMU before 9.0 loses writes of such a guest while its memory travels, in
 * blocks of whole 256 KiB alone: there it clears what was noted of 64 pages at once and forgets to watch those pages again
 * (fixed by its commit 03bfc2188f06). A block that is a little longer is looked at page by page, and loses nothing.
 */
const surplusKib = 128

/** KiB that QEMU is given for a guest of `ram` MB, which is also what it must have on the next host. */
export const emulatedMemoryKib = (ram: number): number => ram * 1024 + surplusKib
