/**
 * Terminology.
 * - guest: what the hypervisor runs for one server; its id is the server's id.
 * - directory: the guest's own directory on the host, `<instancesPath>/<id>`, mode 0700.
 * - capability: an optional method; a driver that lacks it cannot do it, and callers say `unsupported`.
 * A driver belongs to one host, holds no records, and every method is idempotent: done twice it changes nothing.
 */

import type { Inventory } from '../model/host.ts'
import type { CpuBaseline, HostCpu } from './cpu.ts'
import type { ForeignDomains } from './foreign-domains.ts'
import type { ConfigDriveFile, Diagnostics, GuestImage, GuestSpec, GuestState, ImageFile } from './guest.ts'
import type { RemovedImage, Survey, TidyOrder } from './holdings.ts'
import type { HotPlug } from './hot-plug.ts'
import type { LiveMoves, Moves } from './moves.ts'
import type { Snapshots } from './snapshots.ts'

export type * from './cpu.ts'
export type * from './foreign-domains.ts'
export type * from './guest.ts'
export type * from './holdings.ts'
export type * from './hot-plug.ts'
export type * from './moves.ts'
export type * from './snapshots.ts'

export interface Driver
  extends Partial<Moves>,
    Partial<LiveMoves>,
    Partial<ForeignDomains>,
    Partial<Snapshots>,
    Partial<HotPlug> {
  /** What the host has. Faults: `unreachable`, `unsupported` with what to install. */
  inventory(): Promise<Inventory>
  /** Every guest that has a directory or a process on the host. */
  list(): Promise<GuestState[]>
  /** The truth about one guest, from its process; undefined when the host knows nothing of it. */
  inspect(id: string): Promise<GuestState | undefined>
  /** Defines the guest and starts it. Its disks are there already. A running guest of that id is left as it is. */
  spawn(spec: GuestSpec): Promise<void>
  /** Stops the guest and removes everything it has on the host, its directory last. */
  destroy(id: string): Promise<void>
  start(id: string): Promise<void>
  /** Asks the guest to shut down (ACPI) and forces it after `timeoutMs`; 0 forces at once. */
  stop(id: string, options: { readonly timeoutMs: number }): Promise<{ readonly forced: boolean }>
  reboot(id: string, options: { readonly kind: 'soft' | 'hard'; readonly timeoutMs: number }): Promise<void>

  /** Puts an image into the host's cache, once, from the controller's file. */
  cacheImage?(image: GuestImage, file: ImageFile, onProgress?: (done: number, total: number) => void): Promise<void>
  /** Makes the guest's disks (not the config drive). */
  createDisks?(spec: GuestSpec): Promise<void>
  /** Throws the root disk away and makes it again from its image (rebuild). The guest is stopped. */
  recreateRootDisk?(spec: GuestSpec): Promise<void>
  createConfigDrive?(id: string, files: readonly ConfigDriveFile[]): Promise<void>
  pause?(id: string): Promise<void>
  unpause?(id: string): Promise<void>
  /** Saves memory to disk and ends the process. */
  suspend?(id: string): Promise<void>
  resume?(id: string): Promise<void>
  /** Starts the guest from a rescue disk with its own root as second disk; `unrescue` goes back. */
  rescue?(id: string, image: GuestImage): Promise<void>
  unrescue?(id: string): Promise<void>
  /** The last `bytes` of the serial log. */
  consoleLog?(id: string, bytes: number): Promise<string>
  /** Path of the unix socket of the serial console on the host. */
  consoleSocket?(id: string): Promise<string>
  diagnostics?(id: string): Promise<Diagnostics>
  /** By the guest agent; `unsupported` when none answers. */
  setPassword?(id: string, user: string, password: string): Promise<void>
  /** Where the guest's screen is shown, on the host's loopback; `unsupported` for a guest without one. */
  vncAddress?(id: string): Promise<{ readonly address: string; readonly port: number }>
  /** What guests of this host can have of its CPU. */
  hostCpu?(): Promise<HostCpu>
  /** What guests of all hosts with these CPUs (`HostCpu.xml`) can have. */
  cpuBaseline?(models: readonly string[]): Promise<CpuBaseline>
  /** A TCP port on the host's loopback that is free and stays reserved for this guest. */
  reservePort?(id: string): Promise<number>
  /** Waits for a guest that changes its state by itself; false after `timeoutMs`. */
  awaitChange?(timeoutMs: number, signal: AbortSignal): Promise<boolean>
  /** All that lies below the instances directory; `deep` also reads every cached image. */
  survey?(options: { readonly deep: boolean }): Promise<Survey>
  /** Clears away what is nobody's; resolves with the paths of the orders that were carried out. Disks are put aside, never removed. */
  tidy?(orders: readonly TidyOrder[]): Promise<string[]>
  /** Removes those of the cached images that no guest is based on and that nothing used for so many seconds. */
  removeCached?(digests: readonly string[], unusedForSeconds: number): Promise<RemovedImage[]>
}
