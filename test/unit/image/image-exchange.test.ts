import { randomBytes } from 'node:crypto'
import { statSync, utimesSync, writeFileSync } from 'node:fs'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Fault } from '../../../src/core/fault.ts'
import { partBytes } from '../../../src/image/parts.ts'
import { hostDirectory, realTime } from '../../support/host-directory.ts'
import { type ImageServices, imageServices, sha256 } from '../../support/image-services.ts'

const bytes = randomBytes(9 * partBytes + 17)
const imageId = '11111111-2222-4333-8444-555555555555'

describe('images of services with directories of their own', () => {
  let test: ReturnType<typeof hostDirectory>
  let all: ImageServices
  /** Its pauses take no time. */
  const hurried = { ...realTime, sleep: async () => undefined }
  beforeEach(() => {
    test = hostDirectory()
    all = imageServices(test.root, ['ctl1', 'ctl2'], hurried)
  })
  afterEach(() => test.cleanup())
  /** Whoever is asked for parts dies at the fifth. */
  function oneDies(): void {
    let dead: string | undefined
    all.meddle = async (service, { method }, answer) => {
      if (dead === undefined && method === 'part' && parts(service) === 5) dead = service
      if (service === dead) throw new Fault('unreachable', `nobody serves images.${service}`)
      return answer()
    }
  }
  const parts = (service: string) => all.asked.filter((question) => question === `${service} part`).length

  it('come in parts, once for all who want them, for this user alone', async () => {
    const [holder, , worker] = [all.service('ctl1'), all.service('ctl2'), all.service('rack1')]
    const digest = holder.put(bytes)
    const seen: number[][] = []
    const found = await Promise.all([1, 2, 3].map(() => worker.file(digest, (done, total) => seen.push([done, total]))))
    expect(new Set(found)).toEqual(new Set([`${worker.directory}/copies/${digest}`]))
    expect(worker.read('copies', digest).equals(bytes)).toBe(true)
    expect(statSync(found[0] ?? '').mode & 0o777).toBe(0o600)
    expect(seen.at(-1)).toEqual([bytes.length, bytes.length])
    expect(parts('ctl1')).toBe(10)
    await worker.file(digest)
    expect(parts('ctl1')).toBe(10)
    expect(worker.has('copies')).toEqual([digest])
  })

  it('never has more than four parts under way', async () => {
    const [holder, worker] = [all.service('ctl1'), all.service('rack1')]
    all.service('ctl2')
    let underWay = 0
    let most = 0
    all.meddle = async (_service, { method }, answer) => {
      if (method !== 'part') return answer()
      most = Math.max(most, ++underWay)
      return answer().finally(() => underWay--)
    }
    await worker.file(holder.put(bytes))
    expect(most).toBe(4)
  })

  it('do not travel where all have one directory', async () => {
    const one = `${test.root}/one`
    const [controller, worker] = [all.service('ctl1', one), all.service('rack1', one)]
    const digest = controller.put(bytes)
    expect(await worker.file(digest)).toBe(`${one}/images/${digest}`)
    writeFileSync(await worker.images.incoming(imageId), 'from a host', { mode: 0o600 })
    const arrived = { digest: sha256(bytes), format: 'raw', maxBytes: 100, from: 'rack1' } as const
    await controller.store.takeOver(imageId, { ...arrived, digest: sha256(Buffer.from('from a host')) }).catch(() => undefined)
    expect(all.asked).toEqual([])
  })

  it('go on from where they were with another holder when one dies', async () => {
    const [first, second, worker] = [all.service('ctl1'), all.service('ctl2'), all.service('rack1')]
    const digest = first.put(bytes)
    second.put(bytes)
    oneDies()
    await worker.file(digest)
    expect(worker.read('copies', digest).equals(bytes)).toBe(true)
    expect(parts('ctl1')).toBeGreaterThan(0)
    expect(parts('ctl2')).toBeGreaterThan(0)
    expect(parts('ctl1') + parts('ctl2')).toBeLessThan(20)
  })

  it('wait for a holder that comes back', async () => {
    const [holder, , worker] = [all.service('ctl1'), all.service('ctl2'), all.service('rack1')]
    const digest = holder.put(bytes)
    let failures = 6
    all.meddle = async (_service, { method }, answer) => {
      if (method === 'part' && all.asked.length > 5 && failures-- > 0) throw new Fault('timeout', 'the broker is away')
      return answer()
    }
    await worker.file(digest)
    expect(worker.read('copies', digest).equals(bytes)).toBe(true)
  })

  it('fail with the names of the services when the only holder is gone, and leave nothing', async () => {
    let now = 0
    const sleep = async () => {
      now += 10_000
    }
    all = imageServices(test.root, ['ctl1', 'ctl2'], { ...realTime, sleep, monotonic: () => now })
    const [holder, , worker] = [all.service('ctl1'), all.service('ctl2'), all.service('rack1')]
    oneDies()
    const message = expect.stringMatching(
      /^the file of image [0-9a-f]{64}: \d+ of \d+ bytes came from ctl1.*nobody serves images.ctl1/,
    )
    await expect(worker.file(holder.put(bytes))).rejects.toMatchObject({ kind: 'unreachable', message })
    expect(worker.has('copies')).toEqual([])
  })

  it('say at once that nobody has them', async () => {
    const [worker] = [all.service('rack1'), all.service('ctl1'), all.service('ctl2')]
    const digest = sha256(bytes)
    await expect(worker.file(digest)).rejects.toMatchObject({
      kind: 'not-found',
      message: `the file of image ${digest} is with none of 2 other services: ctl1, ctl2`,
    })
    expect(await worker.store.has(digest)).toBe(false)
  })

  it('are unknown, not missing, while a service does not answer', async () => {
    const [worker] = [all.service('ctl2'), all.service('ctl1')]
    all.meddle = async () => {
      throw new Fault('unreachable', 'nobody serves images.ctl1')
    }
    await expect(worker.store.has(sha256(bytes))).rejects.toMatchObject({ kind: 'unreachable' })
  })

  it('are refused when they are damaged, and fetched again once', async () => {
    const [holder, other, worker] = [all.service('ctl1'), all.service('ctl2'), all.service('rack1')]
    const digest = holder.put(bytes)
    other.put(Buffer.from(bytes).fill(0, 100, 200), digest)
    await worker.file(digest)
    expect(worker.read('copies', digest).equals(bytes)).toBe(true)
    holder.put(Buffer.from(bytes).fill(0, 300, 400), digest)
    await worker.copies.remove(digest)
    all.asked.length = 0
    await expect(worker.file(digest)).rejects.toMatchObject({
      kind: 'conflict',
      message: expect.stringMatching(/^the bytes of the file of image [0-9a-f]{64} from ctl. are damaged/),
    })
    expect(worker.has('copies')).toEqual([])
    expect(parts('ctl1')).toBe(10)
    expect(parts('ctl2')).toBe(10)
    expect(all.notes.at(-1)).toContain('once more')
  })

  it('arrive from the service that took them from a host, which then forgets them', async () => {
    const [controller, worker] = [all.service('ctl1'), all.service('rack1')]
    all.service('ctl2')
    const disk = Buffer.concat([Buffer.from('QFI\xfb', 'latin1'), bytes])
    writeFileSync(await worker.images.incoming(imageId), disk, { mode: 0o600 })
    const arrived = { digest: sha256(disk), format: 'raw', maxBytes: 10 ** 8, from: 'rack1' } as const
    await expect(controller.store.takeOver(imageId, arrived)).rejects.toMatchObject({ kind: 'invalid' })
    await controller.store.discard(imageId)
    writeFileSync(await worker.images.incoming(imageId), bytes, { mode: 0o600 })
    const taken = await controller.store.takeOver(imageId, { ...arrived, digest: sha256(bytes) })
    expect(taken).toMatchObject({ digest: sha256(bytes), size: bytes.length })
    expect(controller.has('images')).toEqual([sha256(bytes)])
    expect(worker.has('images')).toEqual([])
  })

  it('are forgotten where they arrived when nobody takes them over', async () => {
    const [controller, worker] = [all.service('ctl1'), all.service('rack1')]
    writeFileSync(await worker.images.incoming(imageId), bytes, { mode: 0o600 })
    await controller.store.discard(imageId)
    expect(worker.has('images')).toHaveLength(1)
    for (const _ of ['once', 'again']) await controller.store.discard(imageId, 'rack1')
    expect(worker.has('images')).toEqual([])
  })

  it('are saved by a service that has them not, and go everywhere when nobody needs them', async () => {
    const [one, two] = [all.service('ctl1'), all.service('ctl2')]
    const digest = one.put(bytes)
    const chunks: Uint8Array[] = []
    await two.store.save(digest, '-', async (chunk) => void chunks.push(chunk))
    expect(Buffer.concat(chunks).equals(bytes)).toBe(true)
    await two.store.remove(digest)
    expect([...one.has('images'), ...two.has('images'), ...two.has('copies')]).toEqual([])
  })

  it('go from where they are copies when nobody wanted them for long', async () => {
    const [holder, worker] = [all.service('ctl1'), all.service('rack1')]
    all.service('ctl2')
    const digest = holder.put(bytes)
    const copy = await worker.file(digest)
    await worker.prune()
    expect(worker.has('copies')).toEqual([digest])
    const long = Date.now() / 1000 - 7200
    utimesSync(copy, long, long)
    await worker.file(digest)
    await worker.prune()
    expect(worker.has('copies')).toEqual([digest])
    utimesSync(copy, long, long)
    await worker.prune()
    expect(worker.has('copies')).toEqual([])
    expect(holder.has('images')).toEqual([digest])
  })

  it('are answered for by the questions of this version alone, with no way out of the directory', async () => {
    all.service('ctl1')
    const ask = (method: string, args: unknown) => all.bus.request('images.ctl1', { method, args }, { deadlineMs: 1000 })
    await expect(ask('steal', {})).rejects.toMatchObject({ kind: 'unsupported' })
    for (const of of [{ digest: '../../etc/passwd' }, { imageId: '../x' }, {}])
      await expect(ask('part', { of, offset: 0, length: 10 })).rejects.toMatchObject({ kind: 'invalid' })
    const of = { digest: sha256(bytes) }
    await expect(ask('part', { of, offset: 0, length: 10 ** 9 })).rejects.toMatchObject({ kind: 'invalid' })
    await expect(ask('part', { of, offset: 0, length: 10 })).rejects.toMatchObject({ kind: 'not-found' })
  })
})
