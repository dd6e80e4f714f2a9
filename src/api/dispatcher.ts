/** From a frame to its answer: every action by its name, and the daemon's own methods. Knows no transport. */
import type { AnyAction } from '../core/action.ts'
import { asFault, Fault } from '../core/fault.ts'
import { holds } from '../core/perform.ts'
import { type Clock, noProgress, type ProgressSink, type Random } from '../core/ports.ts'
import type { CallerOptions } from '../main/core.ts'
import type { Admission } from './admission.ts'
import { messageCodes } from './fault-codes.ts'
import type { ApiLog } from './log.ts'
import {
  BadMessage,
  badText,
  type CallId,
  callsOf,
  faultText,
  noticeText,
  parseFrame,
  type RpcCall,
  readCall,
  resultText,
} from './message.ts'
import type { Door, Peer, Who } from './peer.ts'
import type { Rates } from './rates.ts'
import type { RequestCounts } from './request-counts.ts'
import { type SourceDesk, withSources } from './sources.ts'
import { type HostNames, tenantFault, tenantProgress, tenantResult } from './tenant-view.ts'

/** The actions that callers may name. */
export interface ActionTable {
  names(): Promise<readonly string[]>
  load(name: string): Promise<AnyAction>
}

/** A method of the daemon itself. */
export interface Method {
  /** Only administrators may call it. */
  readonly isAdmin?: boolean
  /** One of many parts of something: the log does not tell of each. */
  readonly isPart?: boolean
  run(params: Readonly<Record<string, unknown>>, caller: Who, call: MethodCall): Promise<unknown>
}

/** How a method was called. */
export interface MethodCall {
  readonly door: Door
  readonly requestId: string
}

export interface World {
  perform(action: AnyAction, input: unknown, options: CallerOptions): Promise<unknown>
  readonly actions: ActionTable
  readonly methods: ReadonlyMap<string, Method>
  readonly sources: SourceDesk
  readonly admission: Admission
  readonly rates: Rates
  readonly counts: RequestCounts
  readonly log: ApiLog
  readonly clock: Clock
  readonly random: Random
  readonly hostNames: HostNames
  /** The fault for new calls once the daemon is about to end. */
  stopping(): Fault | undefined
}

export interface Dispatcher {
  /** The text of the answer, or undefined when none is due (notifications). Never throws. */
  answer(frame: string, peer: Peer): Promise<string | undefined>
  /** Ends the waiting of every call that is left. */
  stop(fault: Fault): void
}

export function dispatcher(world: World): Dispatcher {
  const running = new Set<AbortController>()
  let names: Promise<ReadonlySet<string>> | undefined
  const known = () => {
    names ??= world.actions.names().then((list) => new Set(list))
    return names
  }

  async function answer(frame: string, peer: Peer): Promise<string | undefined> {
    try {
      const { isBatch, items } = callsOf(parseFrame(frame))
      if (!isBatch) return await answerOne(items[0], peer)
      const answers = await Promise.all(items.map((item) => answerOne(item, peer)))
      const due = answers.filter((text) => text !== undefined)
      return due.length > 0 ? `[${due.join(',')}]` : undefined
    } catch (error) {
      return badText(error instanceof BadMessage ? error : new BadMessage(messageCodes.request, 'the message cannot be read'))
    }
  }

  async function answerOne(item: unknown, peer: Peer): Promise<string | undefined> {
    let call: RpcCall
    try {
      call = readCall(item)
    } catch (error) {
      if (error instanceof BadMessage) return badText(error)
      throw error
    }
    const text = await run(call, peer)
    return call.id === undefined ? undefined : text
  }

  async function run(call: RpcCall, peer: Peer): Promise<string> {
    const id = call.id ?? null
    const requestId = call.meta.requestId ?? `req-${world.random.uuid()}`
    if (call.method === 'cancel') return resultText(id, { cancelled: cancel(call, peer) })
    const began = world.clock.monotonic()
    const method = world.methods.get(call.method)
    const isAction = method === undefined && (await known()).has(call.method)
    if (!method && !isAction) return badText(new BadMessage(messageCodes.method, `there is no method ${call.method}`, id))
    let fault: Fault | undefined
    try {
      const result = method ? await runMethod(method, call, peer, requestId) : await runAction(call, peer, requestId)
      return resultText(id, method || isAdmin(call, peer) ? result : await tenantResult(result, world.hostNames))
    } catch (error) {
      fault = asFault(error)
      peer.refused?.(fault)
      return faultText(id, await shownTo(fault, call, peer), requestId)
    } finally {
      const ms = world.clock.monotonic() - began
      world.counts.note(call.method, fault?.kind, ms)
      const facts = { requestId, method: call.method, door: peer.door, ms: Math.round(ms * 10) / 10 }
      if (fault) world.log.warn({ ...facts, fault: fault.kind, reason: fault.message }, 'refused')
      else if (!method?.isPart) world.log.info(facts, 'done')
    }
  }

  /** Who it is could not even be told: no administrator. */
  function isAdmin(call: RpcCall, peer: Peer): boolean {
    try {
      return holds(peer.callerOf(call.meta), 'admin')
    } catch {
      return false
    }
  }

  const shownTo = async (fault: Fault, call: RpcCall, peer: Peer): Promise<Fault> =>
    isAdmin(call, peer)
      ? fault
      : tenantFault(fault, { ...call.params, $call: call.meta }, world.hostNames).catch(
          () => new Fault('internal', 'nova could not do this', { hint: 'ask an administrator, with the request id' }),
        )

  async function runMethod(method: Method, { meta, params }: RpcCall, peer: Peer, requestId: string): Promise<unknown> {
    const caller = peer.callerOf(meta)
    if (method.isAdmin && !holds(caller, 'admin'))
      throw new Fault('forbidden', `this method needs the role admin, ${caller.userId} does not have it`)
    // Parts belong to something that was counted when it began, and has limits of its own.
    if (!method.isPart) world.rates.take(caller)
    const release = await peer.turn?.()
    try {
      return await method.run(params, caller, { door: peer.door, requestId })
    } finally {
      release?.()
    }
  }

  async function runAction(call: RpcCall, peer: Peer, requestId: string): Promise<unknown> {
    const stop = world.stopping()
    if (stop) throw stop
    const caller = peer.callerOf(call.meta)
    world.rates.take(caller)
    const controller = begin(call.id, peer)
    running.add(controller)
    try {
      const release = await world.admission.admit(caller.projectId, holds(caller, 'admin'))
      // The place is free when the work has ended, not when nobody waits for it any more.
      const work = perform(call, peer, { caller, requestId, signal: controller.signal }).finally(release)
      return await unlessCancelled(work, controller.signal)
    } finally {
      running.delete(controller)
      if (call.id !== undefined) peer.calls.delete(call.id)
    }
  }

  async function perform(
    call: RpcCall,
    peer: Peer,
    who: Pick<CallerOptions, 'caller' | 'requestId' | 'signal'>,
  ): Promise<unknown> {
    const action = await world.actions.load(call.method)
    const { plan, at, progress } = call.meta
    const options: CallerOptions = {
      ...who,
      door: peer.door,
      progress: progress ? progressTo(call.id ?? null, peer, holds(who.caller, 'admin')) : noProgress,
      ...(plan === undefined ? {} : { plan }),
      ...(at === undefined ? {} : { at }),
    }
    const named = { action: call.method, params: call.params, peer, caller: who.caller }
    return withSources(world.sources, named, (input, stream) =>
      world.perform(action, input, stream ? { ...options, input: stream } : options),
    )
  }

  /** Notes the call, so that it can be cancelled. */
  function begin(id: CallId | undefined, peer: Peer): AbortController {
    const controller = new AbortController()
    if (id === undefined) return controller
    if (peer.calls.has(id)) throw new Fault('conflict', `a call with the id ${JSON.stringify(id)} is running on this connection`)
    peer.calls.set(id, controller)
    return controller
  }

  function cancel({ params }: RpcCall, peer: Peer): boolean {
    const controller = peer.calls.get(params.id as CallId)
    controller?.abort(new Fault('conflict', 'the call was cancelled', { hint: 'work that had begun goes on' }))
    return controller !== undefined
  }

  return {
    answer,
    stop(fault) {
      for (const controller of running) controller.abort(fault)
    },
  }
}

/** Ends the wait when the call is cancelled; work that had begun goes on by itself. */
function unlessCancelled(work: Promise<unknown>, signal: AbortSignal): Promise<unknown> {
  const cancelled = new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true })
  })
  work.catch(() => undefined)
  return Promise.race([work, cancelled])
}

const progressTo =
  (id: CallId, peer: Peer, isAdmin: boolean): ProgressSink =>
  (event) => {
    const shown = isAdmin ? event : tenantProgress(event)
    if (shown) peer.notify(noticeText('progress', { id, event: shown }))
  }
