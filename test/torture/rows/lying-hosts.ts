/** R21: a host whose programs are slow, lie or talk nonsense; nothing is active unless it was seen, and other hosts notice nothing. */
import type { RigHost } from '../../support/rig/rig-host.ts'
import { type Lie, liesOf } from '../rig/lies.ts'
import type { CloudKind, RigState } from '../rig/rig-cloud.ts'
import { doubledFindings, isRunning, sayingFindings } from '../rig/rig-oracle.ts'
import { judgeGone, judgeWhole, rigScene, tidies } from '../rig/rig-scene.ts'
import type { Row, Trial } from '../runner/row.ts'

/** What is asked of the liar: a boot from nothing, the others of a server that is there. */
const asked = ['boot web', 'stop web', 'start web', 'reboot web --hard', 'delete web --yes', 'host refresh'] as const
type Asked = (typeof asked)[number]

interface Case {
  readonly kind: CloudKind
  readonly lie: Lie
  readonly line: Asked
}

const nameOf = ({ kind, lie, line }: Case) => `${kind}: ${lie.program} ${lie.name} at ${line}`

const allCases: ReadonlyMap<string, Case> = new Map(
  (['qemu', 'libvirt'] as const)
    .flatMap((kind) => liesOf[kind].flatMap((lie) => asked.map((line) => ({ kind, lie, line }))))
    .map((one) => [nameOf(one), one]),
)

const bootOn = (name: string, { name: host }: RigHost) => `boot ${name} --image small --flavor small --availability-zone :${host}`
/** A call may take 60 s by the settings of the rig; work of several calls and its undo takes several such. */
const withinMs = 300_000
const listMs = 10_000

async function inTime(what: string, limitMs: number, trial: Trial, work: Promise<unknown>): Promise<void> {
  const began = performance.now()
  await work
  const ms = Math.round(performance.now() - began)
  trial.judge(['LIVE'], ms > limitMs ? [`LIVE ${what} took ${ms} ms, ${limitMs} are allowed`] : [])
}

/** Never active unless the host was seen to run it. */
async function judgeSeen(state: RigState, liar: RigHost, trial: Trial): Promise<void> {
  const [web] = (await state.liveServers()).filter(({ name }) => name === 'web')
  const claims = web?.vmState === 'active' && web.taskState === null && web.powerState === 'running' && web.fault === null
  const findings = web && claims && !(await isRunning(state, liar, web)) ? ['HOST web is ACTIVE and does not run'] : []
  trial.judge(['HOST', 'ONE'], [...findings, ...doubledFindings(state)])
}

async function experiment({ lie, line }: Case, state: RigState, trial: Trial): Promise<void> {
  const { rig } = state.cloud
  const [liar, honest] = [rig.host(2), rig.host(3)]
  if (line !== 'boot web' && line !== 'host refresh') await state.succeed(bootOn('web', liar))
  if (line === 'start web') await state.succeed('stop web')
  const whole = line === 'boot web' ? bootOn('web', liar) : line
  liar.replace(lie.program, lie.script)
  trial.fired()
  try {
    const other = state.succeed(bootOn('other', honest))
    other.catch(() => undefined)
    await inTime(
      line,
      withinMs,
      trial,
      state.run(whole).then((result) => trial.judge(['SAFE'], sayingFindings(line, result))),
    )
    await inTime('nova list', listMs, trial, state.succeed('list'))
    await other
    await judgeSeen(state, liar, trial)
  } finally {
    liar.replace(lie.program)
    liar.enter('sh', '-c', "pkill -f '^sleep 600|^socat UNIX-LISTEN:qmp|^yes' || true")
  }
  await tidies(state, trial)
  await judgeWhole(state, trial)
  await judgeGone(state, trial)
}

export const lyingHosts: Row = {
  id: 'R21',
  title: 'a host whose virsh, qemu or qemu-img is slow, lies or talks nonsense',
  runs: { t1: 1, t2: 60, t3: 'every' },
  floor: { fired: 1, checked: 0.9 },
  open: () => rigScene(allCases, experiment),
}
