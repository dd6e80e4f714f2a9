/** Evacuations of a host that nobody reaches and that is not off: without proof they are refused, on a wrong word they are mended. */
import { swizzles, type Way } from './links.ts'
import { type Experiment, judgeAll, type PartedTrial, prepares } from './ordeal.ts'
import type { PartedCloud } from './parted-cloud.ts'
import { evacuationFindings } from './parted-oracle.ts'

/** No worker reaches the host of a server; nobody has looked whether it is off. */
export const unreachable =
  (way: Way, isBelieved: boolean): Experiment =>
  async (cloud, trial) => {
    const [name = ''] = await prepares(cloud, trial)
    const host = (await serverNamed(cloud, name))?.host ?? ''
    const lost = cloud.links.filter((link) => link.kind === 'host' && link.name.endsWith(`-${host}`))
    const swizzle = { cuts: lost.map((link) => ({ link, way })), heals: lost.map((link) => ({ link, way })), gapMs: 0, holdMs: 0 }
    const proof = '--i-checked-it-is-off'
    const vanished = await swizzles(swizzle, async () => {
      await refused(cloud, trial, name, [
        `evacuate ${name} --yes`,
        `evacuate ${name} --yes ${proof}=`,
        `host evacuate ${host} --yes`,
      ])
      if (isBelieved) await cloud.succeed(`evacuate ${name} --yes ${proof} torture`)
    })
    if (vanished.size > 0) trial.fired(lost.length)
    if (isBelieved) trial.mark('a server was evacuated on a wrong word')
    else
      await refused(cloud, trial, name, [
        `evacuate ${name} --yes ${proof} torture`,
        `host evacuate ${host} --yes ${proof} torture`,
      ])
    await judgeAll(cloud, trial, [])
    await cloud.succeed(`host set ${host} --enable`)
  }

const serverNamed = async (cloud: PartedCloud, name: string) => (await cloud.liveServers()).find((server) => server.name === name)

async function refused(cloud: PartedCloud, trial: PartedTrial, name: string, lines: readonly string[]): Promise<void> {
  const from = (await serverNamed(cloud, name))?.host ?? null
  for (const what of lines) {
    const { code, stderr } = await cloud.run(what)
    const to = (await serverNamed(cloud, name))?.host ?? null
    const flows = (await cloud.openFlows()).filter((flow) => flow.name === 'evacuate-server').length
    trial.judge(['OWN', 'SAFE'], evacuationFindings({ what, code, stderr, from, to, flows }))
    trial.checked()
  }
}
