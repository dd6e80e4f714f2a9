/** What every part of the qemu driver works with. */
export type { DriverContext as QemuContext } from '../driver-context.ts'
