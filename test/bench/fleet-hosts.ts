/** Real hosts of a rig, over ssh: what nova adds to what a person would type there. Ours and theirs are taken in turns. */
import { execFileSync, spawn } from 'node:child_process'
import { closeSync, openSync, rmSync, writeFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { build } from 'esbuild'
import { libvirtDriver } from '../../src/drivers/libvirt/index.ts'
import { fencedHost } from '../../src/hosts/fenced-host.ts'
import type { SshHost } from '../../src/hosts/ssh.ts'
import { systemRandom } from '../../src/system/random.ts'
import { aGuest } from '../support/a-guest.ts'
import { type CliResult, nova } from '../support/cli.ts'
import { realTime } from '../support/host-directory.ts'
import { type Rig, startRig } from '../support/rig/rig.ts'
import { rigObstacle } from '../support/rig/rig-obstacle.ts'
import { rigKeys, rigSshHost } from '../support/rig/rig-ssh.ts'
import type { Row } from './row.ts'

const rounds = 5
const starts = 9
const megabytes = 256
const logins = 50

export async function benchFleetHosts(): Promise<Row[]> {
  const obstacle = rigObstacle('libvirt')
  if (obstacle !== undefined) throw new Error(obstacle)
  const rig = await startRig(1, 'libvirt')
  const host = rigSshHost(rig, rig.host(1))
  try {
    return [...(await boots(rig, host)), await transfer(rig), ...(await refreshes(rig))]
  } finally {
    await host.close()
    await rig.down()
  }
}

/** A guest without a system: what is measured is the way to its first instruction, on a connection that is open. */
async function boots(rig: Rig, host: SshHost): Promise<Row[]> {
  const { instancesPath } = rig.host(1)
  const context = { instancesPath, clock: realTime, random: systemRandom, virtType: 'qemu' as const }
  const [ours, theirs, trips]: number[][] = [[], [], []]
  const virsh = (...words: string[]) => rig.host(1).enter('virsh', '-q', '-c', 'qemu:///system', ...words)
  for (let round = 0; round <= starts; round += 1) {
    const spec = aGuest({ id: systemRandom.uuid() })
    // As every call of a boot is made: behind the fence of its guest.
    const driver = libvirtDriver({ ...context, host: fencedHost(host, `${instancesPath}/${spec.id}`, 1) })
    const before = host.roundTrips()
    await driver.createDisks(spec)
    const spawned = await timed(() => driver.spawn(spec))
    await driver.inspect(spec.id)
    trips?.push(host.roundTrips() - before)
    virsh('destroy', spec.id)
    const file = `${instancesPath}/${spec.id}/domain.xml`
    const created = await timed(async () => virsh('create', file))
    await driver.destroy(spec.id)
    if (round === 0) continue
    ours?.push(spawned)
    theirs?.push(created)
  }
  // The best of each: the start of QEMU itself, the same in both, differs by more than what is looked for.
  const [value, comparison] = [Math.min(...(ours ?? [])), Math.min(...(theirs ?? []))]
  return [
    {
      work: 'libvirt guest defined and started, warm connection, best of nine',
      value,
      unit: 'ms',
      comparedWith: 'virsh create on the host',
      comparison,
      ratio: value / comparison,
      budget: '≤ 150 ms more',
      met: value - comparison <= 150,
    },
    {
      work: 'round trips of disks, start and look of a libvirt guest',
      value: median(trips ?? []),
      unit: 'trips',
      comparedWith: '',
      comparison: null,
      ratio: null,
      budget: '≤ 6',
      met: median(trips ?? []) <= 6,
    },
  ]
}

/** Random bytes: nothing on the way can make them fewer. */
async function transfer(rig: Rig): Promise<Row> {
  const file = join(rig.directory, 'bytes')
  const out = openSync(file, 'w')
  for (let count = 0; count < megabytes; count += 1) writeSync(out, systemRandom.bytes(1024 ** 2))
  closeSync(out)
  const [ours, theirs]: number[][] = [[], []]
  const known = join(rig.directory, 'known_hosts')
  rigKeys(rig)
  const options = ['-q', '-i', rig.identityFile, '-o', `UserKnownHostsFile=${known}`, '-F', 'none']
  const address = `root@${rig.host(1).address}`
  const sender = await startSender([address, rig.identityFile, known, file, '/var/lib/nova/ours'])
  // Neither pays for what the other left in memory: scp waits for no disk.
  const settle = () => rig.host(1).enter('sh', '-c', 'rm -f /var/lib/nova/ours /var/lib/nova/theirs; sync')
  for (let round = 0; round < rounds; round += 1) {
    settle()
    ours?.push(await sender.send())
    settle()
    theirs?.push(await timed(async () => execFileSync('scp', [...options, file, `${address}:/var/lib/nova/theirs`])))
  }
  sender.end()
  rmSync(file)
  const [value, comparison] = [ours, theirs].map((all) => (megabytes * 1000) / median(all ?? []))
  const ratio = (value ?? Number.NaN) / (comparison ?? Number.NaN)
  return {
    work: `image of ${megabytes} MB to a host, warm connection`,
    value: value ?? Number.NaN,
    unit: 'MB/s',
    comparedWith: 'scp',
    comparison: comparison ?? null,
    ratio,
    budget: '≥ 0.9×',
    met: ratio >= 0.9,
  }
}

/** send-file.ts as the release runs: the heap of a program under tsx is several times as large, and so is what collecting it costs. */
async function startSender(words: readonly string[]) {
  const root = join(import.meta.dirname, '../..')
  const bundle = join(root, '.cache/send-file.mjs')
  const entryPoints = [join(import.meta.dirname, 'send-file.ts')]
  await build({ entryPoints, outfile: bundle, bundle: true, platform: 'node', format: 'esm', packages: 'external' })
  const child = spawn(process.execPath, [bundle, ...words], { stdio: ['pipe', 'pipe', 'inherit'] })
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  await lines.next()
  const send = async () => {
    child.stdin.write('\n')
    return Number((await lines.next()).value)
  }
  return { send, end: () => child.stdin.end() }
}

/** Many records of one machine: as many logins, and as many looks, as of many machines, on processors that they share. */
async function refreshes(rig: Rig): Promise<Row[]> {
  const state = join(rig.directory, 'state')
  const { address } = rig.host(1)
  const all = { address: `root@${address}`, identity: rig.identityFile, driver: 'qemu', virtType: 'qemu', acceptNew: true }
  const hosts = Array.from({ length: logins }, (_, index) => ({
    name: `h${index}`,
    instancesPath: `/var/lib/nova/i${index}`,
    ...all,
  }))
  const file = join(rig.directory, 'hosts.yaml')
  writeFileSync(file, JSON.stringify(hosts))
  await succeeded(await nova(['host', 'add', '-f', file], { state, timeoutMs: 300_000 }))
  const [whole, bare]: number[][] = [[], []]
  for (let round = 0; round < 3; round += 1) {
    whole?.push(await timed(async () => succeeded(await nova(['host', 'refresh', '-q'], { state, timeoutMs: 300_000 }))))
    bare?.push(await timed(() => loginAll(rig)))
  }
  const [value, comparison] = [median(whole ?? []), median(bare ?? [])]
  return [
    {
      work: `nova host refresh, ${logins} ssh logins`,
      value,
      unit: 'ms',
      comparedWith: `${logins} logins and one command each`,
      comparison,
      ratio: value / comparison,
      budget: '≤ 3,000 ms',
      met: value <= 3000,
    },
  ]
}

function succeeded({ code, stderr }: CliResult): void {
  if (code !== 0) throw new Error(stderr)
}

async function loginAll(rig: Rig): Promise<void> {
  const hosts = Array.from({ length: logins }, () => rigSshHost(rig, rig.host(1)))
  await Promise.all(hosts.map((host) => host.run(['true'])))
  await Promise.all(hosts.map((host) => host.close()))
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now()
  await work()
  return performance.now() - began
}

const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN
