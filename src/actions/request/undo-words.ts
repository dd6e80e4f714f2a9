/** The words in which a revision says that it undoes others: they are its action, so that whoever reads history sees them. */

export interface Undoes {
  /** The actions that were undone, by their own names also when an undo is undone. */
  readonly actions: readonly string[]
  /** The request that they came with. */
  readonly request: string
  readonly revisions: readonly number[]
}

export const undoAction = 'request.undo'

/** `request.undo flavor.set of req-… at 12`. */
export const undoWords = ({ actions, request, revisions }: Undoes): string =>
  `${undoAction} ${actions.join('+')} of ${request} at ${revisions.join(',')}`

/** What a revision with that action undoes; undefined for every other action. */
export function undoesOf(action: string): Undoes | undefined {
  const [, actions, request, revisions] = /^request\.undo ([a-z.+-]+) of (\S+) at (\d+(?:,\d+)*)$/.exec(action) ?? []
  if (actions === undefined || request === undefined || revisions === undefined) return undefined
  return { actions: actions.split('+'), request, revisions: revisions.split(',').map(Number) }
}

/** A revision that undoes others. */
export interface Mark {
  readonly revision: number
  readonly request: string
  readonly undoes: Undoes
}

/**
 * Who undid a revision, among `marks` in their order; undefined while it is in force. An undo that was undone itself counts for
 * nothing.
 */
export function undoerOf(revision: number, marks: readonly Mark[]): Mark | undefined {
  return marks.findLast((mark) => mark.undoes.revisions.includes(revision) && undoerOf(mark.revision, marks) === undefined)
}
