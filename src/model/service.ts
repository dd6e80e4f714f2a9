import type { ProcessIdentity } from '../core/ports.ts'
import { z } from '../core/schema.ts'
import { fromIso } from '../core/time.ts'

/** What a daemon does: takes calls, works flows, or serves compute hosts. */
export const serviceRoles = ['api', 'conductor', 'compute'] as const
export type ServiceRole = (typeof serviceRoles)[number]

/** One daemon, as the others know it. */
export interface Service {
  /** Its name: the machine's, unless the settings say another one. */
  readonly id: string
  readonly generation: number
  readonly roles: readonly ServiceRole[]
  /** The compute hosts that it serves over the bus. */
  readonly hosts: readonly string[]
  /** Null once it ended by itself. */
  readonly process: ProcessIdentity | null
  readonly version: string
  /** The newest forms that it reads: how many changes of the records, and which version of messages. */
  readonly understands: { readonly records: number; readonly messages: number }
  /** Times are those of the store's clock, ISO 8601. */
  readonly startedAt: string
  readonly lastSeen: string
  /** Seconds between two reports; 0 for a daemon on the machine of its records, whose process can be looked at. */
  readonly reportSeconds: number
  readonly enabled: boolean
  readonly disabledReason: string | null
  /** An operator says that it is dead, whatever it reports. */
  readonly forcedDown: boolean
}

/** What a service says of itself, also over the bus; fields that it does not know are those of a newer one. */
export const serviceFacts = z.object({
  id: z.string().min(1).max(255),
  roles: z.array(z.enum(serviceRoles)).max(serviceRoles.length),
  hosts: z.array(z.string().max(255)).max(10_000),
  process: z.strictObject({ pid: z.int(), startTime: z.string().max(40), bootId: z.string().max(120) }),
  version: z.string().max(80),
  /** Left out in messages of version 1. */
  understands: z.object({ records: z.int().min(0), messages: z.int().min(1) }).optional(),
  reportSeconds: z.int().min(0),
})
export type ServiceFacts = z.infer<typeof serviceFacts>

/** Milliseconds since its last report, by the store's clock `now`; infinite when it ended or was declared dead. */
export const silenceOf = ({ process, forcedDown, lastSeen }: Service, now: number): number =>
  process === null || forcedDown ? Number.POSITIVE_INFINITY : Math.max(0, now - fromIso(lastSeen))

/**
 * The least that the store's clock can show: the newest report of all services. Whoever asks is a service too, so this is behind
 * by one interval at most, and needs no clock of this machine.
 */
export const newestReport = (services: readonly Service[]): number =>
  services.reduce((newest, { lastSeen }) => Math.max(newest, fromIso(lastSeen)), 0)

/** What a service understands that does not say so. */
export const understandsLeast: Service['understands'] = { records: 0, messages: 1 }

/** The newest version of messages, `own` at most, that all of them read. */
export const sharedMessages = (services: readonly Service[], own: number): number =>
  services.reduce((least, { understands }) => Math.min(least, understands.messages), own)

export const isSameProcess = (one: ProcessIdentity | null, other: ProcessIdentity): boolean =>
  one !== null && one.pid === other.pid && one.startTime === other.startTime && one.bootId === other.bootId
