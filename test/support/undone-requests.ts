/** Requests one after the other, each with an id of its own as every call has, and what they leave in the records. */
import type { Context } from '../../src/actions/context.ts'
import { undo } from '../../src/actions/request/undo.ts'
import type { AnyAction } from '../../src/core/action.ts'
import type { Fault } from '../../src/core/fault.ts'
import { tableNames } from '../../src/model/tables.ts'
import { faultOf, performed, recordsOf, type TestContext } from './a-context.ts'

type Caller = Partial<Pick<Context, 'userId' | 'projectId' | 'roles' | 'plan' | 'store'>>

export interface Requests {
  /** Runs an action as the next request; resolves with the request's id. */
  does(action: AnyAction, input: unknown, caller?: Caller): Promise<string>
  undoes(change?: string, caller?: Caller): Promise<Record<string, unknown>>
  refused(change?: string, caller?: Caller): Promise<Fault>
}

export function requestsOf(context: TestContext): Requests {
  let count = 0
  const next = (caller: Caller = {}) => {
    count += 1
    return { ...context, ...caller, requestId: `req-${count}` }
  }
  const input = (change: string | undefined) => (change === undefined ? {} : { change })
  return {
    async does(action, asked, caller) {
      const call = next(caller)
      await performed(action, asked, call)
      return call.requestId
    },
    undoes: async (change, caller) => Object(await performed(undo, input(change), next(caller))),
    refused: (change, caller) => faultOf(undo, input(change), next(caller)),
  }
}

/** Everything that records say, by table and id; what every write changes and the notes of operations are left out. */
export async function saidIn(context: Pick<Context, 'store'>): Promise<Record<string, Record<string, unknown>>> {
  const tables = await Promise.all(
    tableNames
      .filter((table) => table !== 'flows')
      .map(async (table) => {
        const records = (await recordsOf(context.store, table)).map((record) => {
          const { generation: _, updatedAt: __, ...said } = { updatedAt: '', ...record }
          return [record.id, said] as const
        })
        return [table, Object.fromEntries(records)] as const
      }),
  )
  return Object.fromEntries(tables)
}
