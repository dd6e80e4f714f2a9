/** In which order daemons are started again with a newer program, as Nova has it: who answers for records first, hosts last. */
import type { Service } from './service.ts'

/** What a program understands, and its version. */
export type Program = Pick<Service, 'version' | 'understands'>

/** True when `service` runs another program than this one. */
export const isOtherProgram = (service: Service, own: Program): boolean =>
  service.version !== own.version || isOlderProgram(service, own)

/** True when it cannot read what this program writes in its newest form. */
export const isOlderProgram = ({ understands }: Service, own: Program): boolean =>
  understands.records < own.understands.records || understands.messages < own.understands.messages

/** Conductors, then what takes calls, then compute workers; by name among equals. */
export const upgradeOrder = (services: readonly Service[]): Service[] =>
  services.toSorted((one, other) => rank(one) - rank(other) || (one.id < other.id ? -1 : 1))

const rank = ({ roles }: Service) => (roles.includes('conductor') ? 0 : roles.includes('api') ? 1 : 2)
