/** Controllers and compute workers that have no directory together: images travel over a real broker, whatever dies on the way. */
import { createHash, randomBytes } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { aCluster, type Cluster, hypervisorOf, type Member } from '../support/a-cluster.ts'
import { nova, novaJson } from '../support/cli.ts'
import { anMbrDisk } from '../support/disk-images.ts'
import { eventually } from '../support/eventually.ts'
import { postgresObstacle } from '../support/postgres.ts'
import { rabbitObstacle } from '../support/rabbitmq.ts'

const mib = 1024 ** 2
const environment = { NOVA_SET_SERVICE_REPORT_SECONDS: '2', NOVA_SET_DAEMON_ADOPT_SECONDS: '1' }

describe.skipIf(rabbitObstacle() ?? postgresObstacle())('images without a shared directory', () => {
  let cluster: Cluster & { readonly directory: string }
  let con1: Member
  let con2: Member
  beforeAll(async () => {
    cluster = await aCluster(environment)
    con1 = await cluster.start('con1', { roles: 'api,conductor' })
    con2 = await cluster.start('con2', { roles: 'api,conductor' })
    await Promise.all(['1', '2'].map((n) => cluster.start(`cmp${n}`, { roles: 'compute', hosts: `q${n},f${n}` })))
    for (const [name, driver] of [
      ['q1', 'qemu'],
      ['q2', 'qemu'],
      ['f1', 'fake'],
    ] as const)
      await ask(con1, 'host', 'add', name, '--driver', driver, '--instances-path', hypervisorOf(cluster.directory, name))
  }, 240_000)
  afterAll(() => cluster?.close())

  async function ask(member: Member, ...args: string[]): Promise<unknown> {
    return novaJson(args, { state: member.state, timeoutMs: 600_000 })
  }
  const filesIn = (member: string, part: string) => {
    const directory = path.join(cluster.directory, member, part)
    return existsSync(directory) ? readdirSync(directory) : []
  }
  const sha256 = (file: string) => createHash('sha256').update(readFileSync(file)).digest('hex')
  /** Makes an image of that many bytes at a controller and answers its digest. */
  async function anImage(member: Member, name: string, size: number): Promise<string> {
    const file = path.join(cluster.directory, `${name}.raw`)
    const bytes = randomBytes(size)
    anMbrDisk(size).copy(bytes, 0, 0, 512)
    writeFileSync(file, bytes)
    await ask(member, 'image', 'create', name, '--file', file, '--disk-format', 'raw')
    return sha256(file)
  }
  const prefetch = (member: Member, image: string, host: string) => ask(member, 'image', 'prefetch', image, host)
  const cached = (host: string, digest: string) => path.join(hypervisorOf(cluster.directory, host), '_base', digest)
  /** Resolves when some of the bytes are on their way to the worker, or all of them were there before anybody looked. */
  const isComing = (worker: string, digest: string) =>
    eventually(`bytes come to ${worker}`, async () =>
      filesIn(worker, 'image-copies').some((name) => {
        const file = path.join(cluster.directory, worker, 'image-copies', name)
        const { size } = statSync(file, { throwIfNoEntry: false }) ?? { size: 0 }
        return name === digest || (name.startsWith('incoming-') && size > mib)
      }),
    )

  it('come to the worker that needs them, and to who saves them', async () => {
    const digest = await anImage(con1, 'small', 3 * mib + 512)
    expect(await prefetch(con2, 'small', 'q1')).toMatchObject([{ result: 'cached' }])
    expect(sha256(cached('q1', digest))).toBe(digest)
    expect(filesIn('cmp1', 'image-copies')).toEqual([digest])
    expect([filesIn('con1', 'images'), filesIn('con2', 'images')]).toEqual([[digest], []])
    const saved = path.join(cluster.directory, 'saved')
    await ask(con2, 'image', 'save', 'small', saved)
    expect(sha256(saved)).toBe(digest)
    expect((await nova(['image', 'delete', 'small', '--yes'], { state: con2.state })).code).toBe(0)
    expect([filesIn('con1', 'images'), filesIn('con2', 'image-copies')]).toEqual([[], []])
  })

  it('of servers come from the worker to a conductor, and from there to whoever saves them', async () => {
    await ask(con1, 'flavor', 'create', 'disk', '--ram', '64', '--vcpus', '1', '--disk', '1')
    await ask(con1, 'boot', 'web-1', '--flavor', 'disk', '--nic', 'none', '--availability-zone', 'nova:f1')
    await ask(con2, 'server', 'create-image', 'web-1', 'shot')
    expect(filesIn('cmp1', 'images')).toEqual([])
    expect([...filesIn('con1', 'images'), ...filesIn('con2', 'images')]).toHaveLength(1)
    for (const member of [con1, con2]) {
      const saved = path.join(cluster.directory, `shot-of-${member.name}`)
      await ask(member, 'image', 'save', 'shot', saved)
      expect(readFileSync(saved).subarray(0, 4).toString('latin1')).toBe('QFI\xfb')
    }
    expect(await ask(con1, 'shelve', 'web-1')).toMatchObject([{ status: 'SHELVED_OFFLOADED' }])
    expect(await ask(con2, 'unshelve', 'web-1')).toMatchObject([{ status: 'ACTIVE' }])
  })

  it('go on where they were when the broker comes back', async () => {
    const digest = await anImage(con1, 'large', 64 * mib)
    const done = prefetch(con2, 'large', 'q1')
    await isComing('cmp1', digest)
    await cluster.broker.kill9()
    await cluster.broker.start()
    expect(await done).toMatchObject([{ result: 'cached' }])
    expect(sha256(cached('q1', digest))).toBe(digest)
  })

  it('come from another controller when one dies, and fail with names when it was the only one', async () => {
    const only = await anImage(con1, 'only', mib)
    const saved = path.join(cluster.directory, 'large-again')
    await ask(con2, 'image', 'save', 'large', saved)
    const done = prefetch(con2, 'large', 'q2')
    await isComing('cmp2', sha256(saved))
    con1.kill()
    await con1.ended
    expect(await done).toMatchObject([{ result: 'cached' }])
    expect(sha256(cached('q2', sha256(saved)))).toBe(sha256(saved))
    const { code, stdout } = await nova(['image', 'prefetch', 'only', 'q2', '-f', 'value', '-c', 'reason'], {
      state: con2.state,
      timeoutMs: 600_000,
    })
    expect(code).toBe(11)
    expect(stdout).toMatch(
      new RegExp(`^image [0-9a-f-]{36} for cmp2: the file of image ${only} is not here, and con1 does not answer`),
    )
  })
})
