/** Random traffic on a small cloud: what several processes do at the same time, which hosts misbehave, and who dies when. */
import { create } from '../../src/actions/server/create.ts'
import { remove } from '../../src/actions/server/delete.ts'
import { pause } from '../../src/actions/server/pause.ts'
import { reboot } from '../../src/actions/server/reboot.ts'
import { rebuild } from '../../src/actions/server/rebuild.ts'
import { start } from '../../src/actions/server/start.ts'
import { stop } from '../../src/actions/server/stop.ts'
import { unpause } from '../../src/actions/server/unpause.ts'
import type { AnyAction } from '../../src/core/action.ts'
import type { FakeFault } from '../../src/drivers/fake/index.ts'
import { fc } from '../support/property.ts'

/** One command: a process of its own. */
export interface Command {
  readonly kind: 'boot' | 'delete' | 'stop' | 'start' | 'pause' | 'unpause' | 'reboot' | 'reboot-hard' | 'rebuild'
  /** Which of the few names. */
  readonly name: string
  /** Effects until its process dies; null lives on. */
  readonly dies: number | null
}

/** Commands that run side by side while hosts misbehave in some way. */
export interface Round {
  readonly commands: readonly Command[]
  readonly faults: readonly { readonly host: string; readonly fault: FakeFault }[]
}

export interface Traffic {
  readonly rounds: readonly Round[]
  /** How long each file operation of a host takes, in turns: this is what interleaves the processes. */
  readonly delays: readonly number[]
}

export const hostNames = ['host-a', 'host-b']

const command: fc.Arbitrary<Command> = fc.record({
  kind: fc.oneof(
    { weight: 4, arbitrary: fc.constant('boot' as const) },
    { weight: 2, arbitrary: fc.constant('delete' as const) },
    {
      weight: 4,
      arbitrary: fc.constantFrom(...(['stop', 'start', 'pause', 'unpause', 'reboot', 'reboot-hard', 'rebuild'] as const)),
    },
  ),
  name: fc.constantFrom('v1', 'v2', 'v3', 'v4', 'v5'),
  dies: fc.option(fc.integer({ min: 1, max: 16 }), { freq: 2 }),
})

const fault = fc.record({
  host: fc.constantFrom(...hostNames),
  fault: fc.record({
    call: fc.constantFrom(
      ...(['cacheImage', 'createDisks', 'createConfigDrive', 'spawn', 'inspect', 'destroy', 'stop', 'start', '*'] as const),
    ),
    mode: fc.constantFrom(...(['fail', 'fail-after'] as const)),
  }),
})

export const traffic: fc.Arbitrary<Traffic> = fc.record({
  rounds: fc.array(
    fc.record({
      commands: fc.array(command, { minLength: 1, maxLength: 5 }),
      faults: fc.array(fault, { maxLength: 2 }),
    }),
    { minLength: 1, maxLength: 6 },
  ),
  delays: fc.array(fc.integer({ min: 0, max: 12 }), { minLength: 1, maxLength: 20 }),
})

/** The action and its input; `id` is the newest server of that name, if any. */
export function callOf({ kind, name }: Command, id: string): readonly [AnyAction, unknown] {
  const servers = { servers: [id] }
  if (kind === 'boot') return [create, { name, image: 'cirros', flavor: 'm1.small' }]
  if (kind === 'rebuild') return [rebuild, { server: id }]
  if (kind === 'reboot-hard') return [reboot, { ...servers, hard: true }]
  return [{ delete: remove, stop, start, pause, unpause, reboot }[kind], servers]
}
