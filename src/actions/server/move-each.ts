/** Moving many servers, a few at a time, so that one that cannot move stops no other: each has a row with what became of it. */
import { asFault } from '../../core/fault.ts'
import { z } from '../../core/schema.ts'
import type { Context } from '../context.ts'

export const moveRow = z.strictObject({
  server: z.string().describe('name of the server'),
  id: z.string(),
  result: z.enum(['moved', 'left']).describe('left: it stays, or its move waits to be confirmed'),
  from: z.string(),
  to: z.string().nullable(),
  how: z
    .enum(['live', 'cold'])
    .nullable()
    .describe('whether it ran on, or was shut down; null when it was made anew or did not begin'),
  reason: z.string().nullable().describe('why it could not move, or could not move live'),
})
export type MoveRow = z.infer<typeof moveRow>

export interface Movable {
  readonly id: string
  readonly name: string
}

export interface MoveEach<S extends Movable> {
  /** Names the whole work in a plan, for example `drain host-a`. */
  readonly label: string
  readonly from: (server: S) => string
  /** Moves at the same time; one in a plan. */
  readonly parallel: number
  /** Begins a move. A fault leaves the server where it is. */
  readonly begin: (server: S) => Promise<BegunMove>
}

/** Where a server goes, and the work to its end. */
export interface BegunMove {
  readonly to: string
  readonly how?: 'live' | 'cold'
  /** Why a running server has to be shut down for it. */
  readonly whyCold?: string
  finish(): Promise<void>
}

/** One row for each server, in their order. */
export async function moveEach<S extends Movable>(
  servers: readonly S[],
  work: MoveEach<S>,
  context: Context,
): Promise<MoveRow[]> {
  const rows = new Map<string, MoveRow>()
  const queue = [...servers]
  const worker = async () => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) rows.set(next.id, await moveOne(next, work, context))
  }
  await Promise.all(Array.from({ length: context.plan ? 1 : work.parallel }, worker))
  return servers.flatMap(({ id }) => rows.get(id) ?? [])
}

async function moveOne<S extends Movable>(server: S, { label, from, begin }: MoveEach<S>, context: Context): Promise<MoveRow> {
  const row = { server: server.name, id: server.id, from: from(server) }
  let begun: BegunMove | undefined
  try {
    context.signal.throwIfAborted()
    begun = await begin(server)
    planned(label, `${server.name} to ${begun.to}${howText(begun)}`, context)
    await begun.finish()
    return { ...row, result: 'moved', to: begun.to, how: begun.how ?? null, reason: begun.whyCold ?? null }
  } catch (error) {
    const { message } = asFault(error)
    planned(label, `${server.name} cannot move: ${message}`, context)
    return { ...row, result: 'left', to: begun?.to ?? null, how: begun?.how ?? null, reason: message }
  }
}

const howText = ({ how, whyCold }: BegunMove) =>
  how === undefined ? '' : whyCold === undefined ? ` (${how})` : ` (${how}: ${whyCold})`

/** A plan prints steps alone, so the destinations are steps in it. */
function planned(flow: string, step: string, context: Context): void {
  if (context.plan) context.progress({ type: 'step', flow, step, status: 'done' })
}
