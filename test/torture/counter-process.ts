/** A process that adds 1 to a counter record N times by compare-and-swap: DIRECTORY COUNT. Prints how often it succeeded. */
import { openJsonStore } from '../../src/state/json/json-store.ts'
import { systemClock } from '../../src/system/clock.ts'
import { systemFs } from '../../src/system/fs.ts'

const [, , directory = '', count = '0'] = process.argv
const store = openJsonStore({ directory, fs: systemFs, clock: systemClock })
const author = { actor: String(process.pid), request: 'req-1', action: 'count' }

for (let done = 1; done <= Number(count); done += 1) {
  await store.transaction(author, async (tx) => {
    const found = await tx.get('keypairs', 'counter')
    if (!found) throw new Error('there is no counter')
    await tx.update('keypairs', { ...found, name: String(Number(found.name) + 1) })
  })
  process.stdout.write(`${done}\n`)
  if (done % 40 === 0) await store.compact({ force: true })
}
// No close: a process that is done must be able to exit with the lock in its hand.
