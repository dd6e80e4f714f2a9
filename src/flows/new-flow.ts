/** The record of a flow that begins. */
import type { Call } from '../core/call.ts'
import type { ProcessIdentity } from '../core/ports.ts'
import type { FlowRecord } from '../model/flow.ts'
import type { Server } from '../model/server.ts'
import type { Flow } from './flow.ts'
import { pending } from './step-records.ts'

export interface FlowStart<S> {
  readonly state: S
  readonly server: Pick<Server, 'id' | 'name' | 'projectId'>
  readonly call: Pick<Call, 'userId' | 'requestId'>
  /** False leaves it to another process: no owner. */
  readonly own?: boolean
}

interface Birth {
  readonly id: string
  /** ISO 8601. */
  readonly at: string
  readonly owner: ProcessIdentity | null
  readonly epoch: number
}

/** No step has begun. */
export const newFlow = <S>(
  flow: Flow<S>,
  { state, server, call }: FlowStart<S>,
  { id, at, owner, epoch }: Birth,
): Omit<FlowRecord, 'generation'> => ({
  ...{ id, name: flow.name, action: flow.action },
  ...{ serverId: server.id, label: server.name, projectId: server.projectId },
  ...{ actor: call.userId, requestId: call.requestId },
  ...{ status: 'running', open: true, state },
  steps: flow.steps.map((step) => pending(step.name, null)),
  ...{ owner, epoch, fault: null, createdAt: at, finishedAt: null },
})
