import type { Bus } from '../bus/bus.ts'
import type {
  CareTaken,
  ConfigDriveFile,
  CpuBaseline,
  Diagnostics,
  ForeignDomain,
  GuestDisk,
  GuestImage,
  GuestNic,
  GuestSpec,
  GuestState,
  HostCpu,
  LiveOrder,
  LiveResult,
  RemovedImage,
  StorageKind,
  Survey,
  TidyOrder,
} from '../drivers/driver.ts'
import type { Downloaded } from '../hosts/download.ts'
import type { Inventory } from '../model/host.ts'
import type { Finding } from './preflight-finding.ts'

/** Every call that a compute host answers: its arguments and its answer. */
export interface ComputeCalls {
  inventory: [undefined, Inventory]
  /** What the host has, and what it lacks; no driver is asked. */
  preflight: [undefined, Finding[]]
  list: [undefined, GuestState[]]
  inspect: [undefined, GuestState | null]
  /** Whether a guest changed its state by itself within the time. */
  awaitChange: [{ timeoutMs: number }, boolean]
  cacheImage: [{ image: GuestImage; localPath: string }, null]
  createDisks: [{ spec: GuestSpec }, null]
  recreateRootDisk: [{ spec: GuestSpec }, null]
  createConfigDrive: [{ files: readonly ConfigDriveFile[] }, null]
  reservePort: [undefined, number | null]
  spawn: [{ spec: GuestSpec }, null]
  destroy: [undefined, null]
  start: [undefined, null]
  stop: [{ timeoutMs: number }, { forced: boolean }]
  reboot: [{ kind: 'soft' | 'hard'; timeoutMs: number }, null]
  pause: [undefined, null]
  unpause: [undefined, null]
  suspend: [undefined, null]
  resume: [undefined, null]
  rescue: [{ image: GuestImage }, null]
  unrescue: [undefined, null]
  consoleLog: [{ bytes: number }, string]
  consoleSocket: [undefined, string]
  diagnostics: [undefined, Diagnostics]
  /** Names of everything the host's driver can do. */
  capabilities: [undefined, string[]]
  setAside: [undefined, null]
  sendDisks: [{ to: string; spec: GuestSpec }, null]
  adopt: [{ spec: GuestSpec }, null]
  takeBack: [undefined, null]
  dropAside: [undefined, null]
  sharesWith: [{ to: string }, boolean]
  sendImages: [{ to: string; spec: GuestSpec }, null]
  makeRoom: [{ spec: GuestSpec; order: LiveOrder }, null]
  moveLive: [{ to: string; spec: GuestSpec; order: LiveOrder }, LiveResult]
  abortLive: [undefined, null]
  forceLive: [undefined, null]
  leave: [{ storage: StorageKind }, null]
  snapshot: [{ localPath: string; deadlineMs: number }, Arrival]
  dropSnapshot: [undefined, null]
  attachNic: [{ nic: GuestNic }, null]
  detachNic: [{ mac: string }, null]
  attachDisk: [{ disk: GuestDisk; mustExist: boolean }, null]
  detachDisk: [{ serial: string }, null]
  setPassword: [{ user: string; password: string }, null]
  foreignDomains: [undefined, ForeignDomain[]]
  adoptDomain: [undefined, CareTaken]
  releaseDomain: [{ insist: boolean }, CareTaken]
  hostCpu: [undefined, HostCpu]
  cpuBaseline: [{ models: readonly string[] }, CpuBaseline]
  vncAddress: [undefined, { address: string; port: number }]
  survey: [{ deep: boolean }, Survey]
  tidy: [{ orders: readonly TidyOrder[] }, string[]]
  removeCached: [{ digests: readonly string[]; unusedForSeconds: number }, RemovedImage[]]
}
/** What came from a host. */
export interface Arrival extends Downloaded {
  /** The service that has it, when that keeps its files for itself. */
  readonly service?: string | undefined
}
export type ComputeMethod = keyof ComputeCalls

export interface ComputeRequest<M extends ComputeMethod = ComputeMethod> {
  readonly host: string
  readonly method: M
  readonly args: ComputeCalls[M][0]
  /** The guest it is about; null for calls about the host. */
  readonly serverId: string | null
  /** Fencing: the host refuses a lower one than it has seen. 0 for reads. */
  readonly epoch: number
  readonly signal?: AbortSignal
  /** Milliseconds, for calls that move much; the client's own when left out. */
  readonly deadlineMs?: number
  /** Called with the host commands that were run, or in a plan would be. */
  readonly onCommands?: (lines: readonly string[]) => void
  /** Called with what the host reports while it works: bytes of a transfer, or a `LiveProgress`. */
  readonly onProgress?: (report: unknown) => void
}

/** The conductor's side of `compute.<host>`. */
export interface ComputeClient {
  call<M extends ComputeMethod>(request: ComputeRequest<M>): Promise<ComputeCalls[M][1]>
}

export function computeClient(options: {
  readonly bus: Bus
  readonly deadlineMs: number
  readonly plan: boolean
}): ComputeClient {
  return {
    async call(request) {
      const { method, args, serverId, epoch } = request
      const answer = await options.bus.request(
        `compute.${request.host}`,
        { method, args: { args: args ?? null, serverId, epoch, plan: options.plan } },
        {
          deadlineMs: request.deadlineMs ?? options.deadlineMs,
          ...(request.signal ? { signal: request.signal } : {}),
          ...(request.onProgress ? { onProgress: request.onProgress } : {}),
        },
      )
      const { result, commands } = answer as { result: ComputeCalls[typeof method][1]; commands: string[] }
      request.onCommands?.(commands)
      return result
    },
  }
}
