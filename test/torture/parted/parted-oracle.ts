/** What must hold when links were cut and are whole again; the oracles of the hosts and records are those of the rig. */
import type { FlowRecord } from '../../../src/model/flow.ts'
import type { Server } from '../../../src/model/server.ts'
import type { Told } from './orders.ts'

/** OWN: on no host does an owner act for a server after a newer one has. Lines say the server, the epoch, and what was done. */
export function fenceFindings(host: string, lines: readonly string[]): string[] {
  const newest = new Map<string, number>()
  return lines.flatMap((line) => {
    const [server = '', epoch = ''] = line.split(' ')
    const seen = newest.get(server) ?? 0
    if (!/^\d+$/.test(epoch)) return [`OWN ${host} says what nobody understands: ${line}`]
    newest.set(server, Math.max(seen, Number(epoch)))
    return Number(epoch) < seen ? [`OWN on ${host} an owner of epoch ${epoch} acted after one of ${seen}: ${line}`] : []
  })
}

/** LIVE, SAFE and ACK: everybody was answered, no answer is a defect of ours, and who was told that nothing was changed can believe it. */
export const answerFindings = (told: readonly Told[], boundMs: number, servers: ReadonlySet<string>): string[] =>
  told.flatMap(({ word, server, end, message }) => {
    if (end === undefined) return [`LIVE ${word} ${server} was not answered ${boundMs / 1000} s after all was whole again`]
    if (word === 'boot' && message.includes('nothing was changed') && servers.has(server))
      return [`ACK boot ${server} is there, though who asked was told: ${message}`]
    return end === 'internal' ? [`SAFE ${word} ${server}: ${message}`] : []
  })

/** LIVE: with every link whole nothing is open, and nothing waits for an operator who has been there. */
export const openFindings = (flows: readonly Pick<FlowRecord, 'action' | 'label' | 'status' | 'fault'>[]): string[] =>
  flows.map(({ action, label, status, fault }) => `LIVE ${action} ${label} is still ${status}: ${fault?.message ?? 'no reason'}`)

/** IDEM: a boot that was accepted once is one server. */
export function doubleFindings(servers: readonly Pick<Server, 'name'>[]): string[] {
  const names = servers.map(({ name }) => name)
  const doubled = new Set(names.filter((name, index) => names.indexOf(name) !== index))
  return [...doubled].map((name) => `IDEM ${name} was built ${names.filter((one) => one === name).length} times`)
}

export interface Evacuated {
  readonly what: string
  readonly code: number | null
  readonly stderr: string
  readonly from: string | null
  readonly to: string | null
  /** Operations of evacuations that there are now. */
  readonly flows: number
}

/** OWN: without proof that its host is off a server is not made anew elsewhere. */
export function evacuationFindings({ what, code, stderr, from, to, flows }: Evacuated): string[] {
  return [
    ...(code === 0 ? [`OWN ${what} was accepted`] : []),
    ...(/internal/.test(stderr) ? [`SAFE ${what}: ${stderr}`] : []),
    ...(from === to ? [] : [`OWN after ${what} the server is on ${to}, not on ${from}`]),
    ...(flows === 0 ? [] : [`OWN ${what} began ${flows} evacuations`]),
  ]
}
