import { rmSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { Fault } from '../../../src/core/fault.ts'
import type { Host } from '../../../src/hosts/host.ts'
import { recordingHost } from '../../../src/hosts/recording-host.ts'
import { emptyHostDirectory } from '../../support/host-directory.ts'
import { fc } from '../../support/property.ts'

type Operation = ((host: Host, root: string) => Promise<unknown>) & { [fc.toStringMethod]?: () => string }

/** The same operation with a name, for counterexamples. */
const named = (name: string, work: Operation): Operation => Object.assign(work, { [fc.toStringMethod]: () => name })

const path = fc.constantFrom('a', 'b', 'a/x', 'a/y', 'b/x', 'a/x/deep', 'c/x')
const text = fc.constantFrom('', 'one', 'another text')
const operation: fc.Arbitrary<Operation> = fc.oneof(
  fc.tuple(path, text).map(([at, data]) => named(`write ${at}`, (host, root) => host.writeFile(`${root}/${at}`, data))),
  path.map((at) => named(`mkdir ${at}`, (host, root) => host.mkdir(`${root}/${at}`))),
  path.map((at) => named(`remove ${at}`, (host, root) => host.remove(`${root}/${at}`))),
  fc
    .tuple(path, path)
    .map(([from, to]) => named(`rename ${from} ${to}`, (host, root) => rename(host, `${root}/${from}`, `${root}/${to}`))),
  path.map((at) => named(`read ${at}`, async (host, root) => String(await host.readFile(`${root}/${at}`)))),
  path.map((at) => named(`list ${at}`, (host, root) => host.readdir(`${root}/${at}`))),
)
/** A plan lets a file be renamed that it does not know: one of its commands may have made it. So only known ones are renamed here. */
async function rename(host: Host, from: string, to: string): Promise<void> {
  if ((await host.stat(from)) !== undefined) await host.rename(from, to)
}
const operations = (maxLength: number) => fc.array(operation, { maxLength })

/** What an operation answers, faults included. */
async function answer(work: Operation, host: Host, root: string): Promise<unknown> {
  try {
    return await work(host, root)
  } catch (error) {
    return error instanceof Fault ? `fault ${error.kind}` : error
  }
}

async function tree(host: Host, directory: string): Promise<unknown[]> {
  const entries: unknown[] = []
  for (const name of await host.readdir(directory)) {
    const below = `${directory}/${name}`
    const stat = await host.stat(below)
    entries.push([name, stat?.isDirectory ? await tree(host, below) : String(await host.readFile(below))])
  }
  return entries
}

describe('a plan', () => {
  it('answers as the real host does, whatever is done in it', async () => {
    const test = await emptyHostDirectory()
    const check = fc.asyncProperty(operations(6), operations(10), async (before, during) => {
      await test.host.mkdir(test.directory)
      for (const work of before) await answer(work, test.host, test.directory)
      const found = await tree(test.host, test.directory)
      const plan = recordingHost(test.host, { planning: true }).host
      const planned: unknown[] = []
      for (const work of during) planned.push(await answer(work, plan, test.directory))
      const plannedTree = await tree(plan, test.directory)
      expect(await tree(test.host, test.directory)).toEqual(found)
      const real: unknown[] = []
      for (const work of during) real.push(await answer(work, test.host, test.directory))
      expect(planned).toEqual(real)
      expect(plannedTree).toEqual(await tree(test.host, test.directory))
    })
    const clean = () => rmSync(test.directory, { recursive: true, force: true })
    await fc.assert(check.beforeEach(clean), { numRuns: 300 })
    await test.cleanup()
  }, 90_000)
})
