/** R11: an owner that stands still is taken for dead, another one finishes its work, and then it wakes up. */
import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { eventually } from '../../support/eventually.ts'
import { type GatedCli, gatedNova } from '../../support/gated-cli.ts'
import { type TortureState, tortureState } from '../../support/torture-state.ts'
import type { Row, Trial } from '../runner/row.ts'

/** Where it stands still: behind its n-th record. A boot has five, the others two. */
const places = Array.from({ length: 5 }, (_, index) => index + 1)
const owners = ['boot', 'stop', 'suspend', 'delete'] as const
const takers = ['operation resume', 'delete web --yes'] as const

interface Case {
  readonly owner: (typeof owners)[number]
  readonly taker: (typeof takers)[number]
  readonly nth: number
}

const nameOf = ({ owner, taker, nth }: Case) => `${owner} stands still behind record ${nth}, then ${taker}`
const allCases: ReadonlyMap<string, Case> = new Map(
  owners
    .flatMap((owner) => takers.flatMap((taker) => places.map((nth) => ({ owner, taker, nth }))))
    .filter(({ owner, nth }) => owner === 'boot' || nth <= 2)
    .map((one) => [nameOf(one), one]),
)

/** Processes of another process namespace are dead as far as one can see from here: so would another machine judge. */
const elsewhere = ['unshare', '--pid', '--fork', '--mount-proc']

/** Everything that a host of the fake driver has, file by file. */
function effectsOn(world: TortureState): string {
  const directory = join(world.state, 'instances/h1')
  const files = readdirSync(directory, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
  const paths = files.map(({ parentPath, name }) => join(parentPath, name)).filter((path) => !path.endsWith('.lock'))
  return paths
    .sort()
    .map((path) => `${path} ${readFileSync(path, 'utf8')}`)
    .join('\n')
}

/** Behind its n-th record, when it has let go of the lock of the records; false when it ended before. */
async function standsStill(gated: GatedCli, nth: number, world: TortureState): Promise<boolean> {
  for (let record = 1; record <= nth; record += 1) {
    if (!(await gated.stops())) return false
    if (record < nth) gated.resume()
  }
  gated.release()
  await eventually('the lock', async () => spawnSync('flock', ['-n', join(world.state, 'lock'), 'true']).status === 0)
  gated.pause()
  return true
}

async function experiment({ owner, taker, nth }: Case, world: TortureState, trial: Trial): Promise<void> {
  const boot = 'boot web --flavor m1.tiny'
  if (owner !== 'boot') await world.run(boot)
  const line = owner === 'boot' ? boot : `${owner} web${owner === 'delete' ? ' --yes' : ''}`
  const gated = await gatedNova(line.split(' '), { state: world.state })
  try {
    const isStill = await standsStill(gated, nth, world)
    if (isStill) trial.fired()
    const taken = await world.run(taker, { under: elsewhere })
    const [settled, revision] = [effectsOn(world), await world.read(async (reader) => reader.revision)]
    gated.resume()
    const { stderr, code } = await gated.ended
    trial.judge(
      ['OWN', 'ONE', 'FLOW', 'RES', 'HOST', 'SAFE'],
      [
        ...(effectsOn(world) === settled || !isStill ? [] : ['OWN the woken owner changed what the host has']),
        ...((await world.read(async (reader) => reader.revision)) === revision || !isStill
          ? []
          : ['OWN the woken owner changed the records']),
        ...(/^\s+at /m.test(stderr) ? [`SAFE a stack: ${stderr}`] : []),
        ...(taken.code === 0 || taken.stderr.includes('error:')
          ? []
          : [`SAFE ${taker} ended with ${taken.code}: ${taken.stderr}`]),
        ...(code === null ? ['LIVE the woken owner was killed'] : []),
        ...(await world.findings()),
      ],
    )
    trial.checked()
  } finally {
    gated.kill()
    await gated.ended.catch(() => undefined)
  }
  const servers = await world.liveServers()
  if (servers.length > 0) await world.run(`delete ${servers.map(({ id }) => id).join(' ')} --yes`)
}

export const pausedOwners: Row = {
  id: 'R11',
  title: 'an owner that stands still is replaced, and wakes up',
  runs: { t1: 3, t2: 'every', t3: 'every' },
  floor: { fired: 0.6, checked: 1 },
  async open() {
    const world = await tortureState()
    return {
      cases: [...allCases.keys()],
      async run(name, trial) {
        const one = allCases.get(name)
        if (!one) throw new Error(`no case ${name}`)
        await experiment(one, world, trial)
      },
      close: async () => world.cleanup(),
    }
  },
}
