/** At no moment does a server run twice or is its last copy gone: looked at after every single change of any host, whatever fails or dies. */
import { describe, expect, it } from 'vitest'
import { confirm } from '../../../src/actions/server/confirm.ts'
import { remove } from '../../../src/actions/server/delete.ts'
import { migrate } from '../../../src/actions/server/migrate.ts'
import { resize } from '../../../src/actions/server/resize.ts'
import { revert } from '../../../src/actions/server/revert.ts'
import { start } from '../../../src/actions/server/start.ts'
import { stop } from '../../../src/actions/server/stop.ts'
import type { AnyAction } from '../../../src/core/action.ts'
import { Fault } from '../../../src/core/fault.ts'
import type { FakeFault } from '../../../src/drivers/fake/index.ts'
import type { ScriptedHost } from '../../../src/hosts/scripted.ts'
import { performed, type TestContext } from '../../support/a-context.ts'
import { findingsOf } from '../../support/broken-steps.ts'
import { aServerToMove, runningOn, withSettings } from '../../support/moved-server.ts'
import { fc } from '../../support/property.ts'
import { passed } from '../../support/turns.ts'

const all = { servers: ['web-1'] }
const verbs = new Map<string, readonly [AnyAction, object]>([
  ['grow', [resize, { server: 'web-1', flavor: 'm1.medium' }]],
  ['grow more', [resize, { server: 'web-1', flavor: 'm1.large' }]],
  ['migrate', [migrate, { server: 'web-1' }]],
  ['confirm', [confirm, all]],
  ['revert', [revert, all]],
  ['stop', [stop, all]],
  ['start', [start, all]],
])
const effects = ['writeFile', 'writeStream', 'rename', 'remove'] as const

/** A cloud whose hosts are all looked at after each change of one of them. */
async function watchedCloud(names: readonly string[]) {
  const hosts = new Map<string, ScriptedHost>()
  const wrong: string[] = []
  const watched = <A extends unknown[], R>(work: (...args: A) => Promise<R>, what: string) => {
    return async (...args: A): Promise<R> => {
      const result = await work(...args)
      const running = await runningOn({ hosts })
      if (running.length > 1) wrong.push(`after ${what} ${args[0]} it runs on ${running.join(' and ')}`)
      if ((await copiesOn(hosts)) === 0) wrong.push(`after ${what} ${args[0]} no copy is left`)
      return result
    }
  }
  const around = (host: ScriptedHost): ScriptedHost => {
    hosts.set(host.name, host)
    const changes = effects.map((name) => [
      name,
      watched(host[name] as (path: string) => Promise<unknown>, `${host.name} ${name}`),
    ])
    return { ...host, ...Object.fromEntries(changes) }
  }
  return { ...(await aServerToMove(names, { around })), wrong }
}

/** Whole copies on all hosts, put aside or not. */
async function copiesOn(hosts: ReadonlyMap<string, ScriptedHost>): Promise<number> {
  let copies = 0
  for (const host of hosts.values())
    for (const name of (await host.readdir('/instances')).filter((entry) => /^[0-9a-f-]{36}/.test(entry))) {
      const text = await host.readFile(`/instances/${name}/guest.json`)
      if (text && JSON.parse(text.toString('utf8')).spec !== null) copies += 1
    }
  return copies
}

const attempt = async (verb: string, context: TestContext): Promise<void> => {
  const [action, input] = verbs.get(verb) ?? [remove, all]
  await performed(action, input, context).catch((error: unknown) => {
    if (!(error instanceof Fault)) throw error
  })
}

const aFault = fc.record({
  host: fc.constantFrom('host-a', 'host-b', 'host-c'),
  call: fc.constantFrom<FakeFault['call']>(
    'stop',
    'setAside',
    'sendDisks',
    'adopt',
    'start',
    'takeBack',
    'destroy',
    'dropAside',
    'inspect',
  ),
  mode: fc.constantFrom<FakeFault['mode']>('fail', 'fail-after'),
})
/** What somebody asks for, what breaks meanwhile, and after how many effects its process dies. */
const aMoment = fc.record({
  verb: fc.constantFrom(...verbs.keys()),
  faults: fc.array(aFault, { maxLength: 2 }),
  dies: fc.option(fc.integer({ min: 1, max: 16 }), { nil: undefined }),
})

describe.each([
  { hosts: ['host-a', 'host-b', 'host-c'], allowResizeToSameHost: false },
  { hosts: ['host-a', 'host-b'], allowResizeToSameHost: true },
  { hosts: ['host-a'], allowResizeToSameHost: true },
])('one copy on $hosts', ({ hosts, allowResizeToSameHost }) => {
  it('runs at most, and the end is clean when the hosts are well again', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(aMoment, { minLength: 1, maxLength: 6 }), async (moments) => {
        const { cloud, wrong } = await watchedCloud(hosts)
        // The boot made the first copy: only from here on one can be lost.
        wrong.splice(0)
        let pid = 10
        for (const { verb, faults, dies } of moments) {
          for (const name of cloud.hosts.keys())
            await cloud.misbehave(
              name,
              faults.filter(({ host }) => host === name),
            )
          pid += 1
          const mortal = { effects: dies ?? Number.MAX_SAFE_INTEGER }
          let isOver = false
          void attempt(verb, withSettings(cloud.process(pid, { mortal }), { allowResizeToSameHost })).finally(() => {
            isOver = true
          })
          await passed(() => isOver || mortal.effects < 0)
          cloud.dead.add(pid)
          await cloud.process(pid + 1000).flows.adopt()
        }
        for (const name of cloud.hosts.keys()) await cloud.misbehave(name, [])
        await cloud.process(9).flows.adopt({ handedOver: true })
        expect(wrong).toEqual([])
        expect(await findingsOf(cloud, { hostsWereSilent: true })).toEqual([])
        await performed(remove, all, cloud.process(8))
        expect(await findingsOf(cloud)).toEqual([])
        expect(await runningOn(cloud)).toEqual([])
      }),
      { numRuns: 120 },
    )
  }, 60_000)
})
