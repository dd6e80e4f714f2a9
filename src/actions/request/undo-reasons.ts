/** Why a change cannot be undone, in sentences with names and revisions: all reasons at once. */
import { Fault, type FaultKind } from '../../core/fault.ts'
import type { Revision } from '../../state/store.ts'
import { lasting, undoable } from './undo-catalogue.ts'
import { undoesOf } from './undo-words.ts'

export interface Reason {
  readonly kind: FaultKind
  readonly message: string
  readonly hint?: string | undefined
}

/** Reasons and names that one message holds. */
const mostTold = 10
const mostNames = 5

/** The actions that a revision stands for: its own, or for an undo those that it undid. */
export const actionsOf = ({ action }: Pick<Revision, 'action'>): readonly string[] => undoesOf(action)?.actions ?? [action]

/** The record that `label` names was changed by a later revision, which is still in force. */
export function changedAgain(label: string, { revision, action, request, actor }: Revision): Reason {
  const undoes = undoesOf(action)
  const what = undoes ? `the undo of ${undoes.revisions.join(', ')}` : action
  return {
    kind: 'conflict',
    message: `${label} was changed again by ${what} of ${actor} (${request}, revision ${revision})`,
    hint: undoes || undoable.has(action) ? `undo that first: nova undo ${revision}` : undefined,
  }
}

/** Why targets are no change of records alone: what their actions did besides, or the operation that a step belongs to. */
export function lastingReasons(targets: readonly Revision[]): Reason[] {
  const others = targets.filter((target) => !actionsOf(target).every((action) => undoable.has(action)))
  const begun = others.filter(({ action }) => lasting.has(action))
  return (begun.length > 0 ? begun : others.slice(0, 1)).map(lastingReason)
}

function lastingReason({ action, changes, revision }: Revision): Reason {
  const flow = changes.find(({ table }) => table === 'flows')?.record
  const known = lasting.get(action) ?? lasting.get(`server.${String(flow?.action)}`)
  const servers = changes.flatMap(({ table, record }) => (table === 'servers' && record ? [String(record.name)] : []))
  const names = servers.length === 0 && typeof flow?.label === 'string' ? [flow.label] : servers
  const some = names.slice(0, mostNames).join(', ') + (names.length > mostNames ? ', …' : '')
  const command = known?.instead === undefined ? undefined : withNames(known.instead, names.slice(0, mostNames))
  return {
    kind: 'conflict',
    message: `${action}${some && ` of ${some}`} (revision ${revision}) ${known?.why ?? 'is no change of records alone'}`,
    hint: command === undefined ? 'nothing takes it back' : `take it back with ${command}`,
  }
}

/** Commands of one word are about servers and take their names. */
const withNames = (command: string, names: readonly string[]) =>
  command.split(' ').length > 2 ? command : [command, ...names].join(' ')

/** One fault for all reasons; its kind is theirs when they agree. */
export function refusal(what: string, reasons: readonly Reason[]): Fault {
  const kinds = [...new Set(reasons.map(({ kind }) => kind))]
  const [kind = 'conflict'] = kinds.length === 1 ? kinds : []
  const told = reasons.slice(0, mostTold).map(({ message }) => message)
  const more = reasons.length > told.length ? `; and ${reasons.length - told.length} more` : ''
  const hint = reasons.find((reason) => reason.hint !== undefined)?.hint
  return new Fault(kind, `cannot undo ${what}: ${told.join('; ')}${more}`, {
    ...(hint === undefined ? {} : { hint }),
    details: { reasons: reasons.slice(0, mostTold * mostTold) },
  })
}
