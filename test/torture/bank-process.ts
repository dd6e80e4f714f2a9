/** A process that moves money between accounts and appends to a list: URL NAME COUNT. Prints each acknowledged transfer. */
import { openPostgresStore } from '../../src/state/postgres/postgres-store.ts'
import { systemClock } from '../../src/system/clock.ts'
import { systemFs } from '../../src/system/fs.ts'
import { systemRandom } from '../../src/system/random.ts'

const [, , url = '', name = '', count = '0'] = process.argv
const store = await openPostgresStore({ url, clock: systemClock, random: systemRandom, fs: systemFs })

for (let n = 0; n < Number(count); n += 1) {
  const [from, to] = [`account-${n % 5}`, `account-${(n + 1 + (process.pid % 4)) % 5}`]
  const entry = `${name}.${n}`
  try {
    await store.transaction({ actor: name, request: entry, action: 'transfer' }, async (tx) => {
      for (const [id, amount] of [
        [from, -1],
        [to, 1],
      ] as const) {
        const account = await tx.get('keypairs', id)
        if (account) await tx.update('keypairs', { ...account, name: String(Number(account.name) + amount) })
      }
      const list = await tx.get('keypairs', 'list')
      if (list) await tx.update('keypairs', { ...list, publicKey: `${list.publicKey} ${entry}` })
    })
    process.stdout.write(`${entry}\n`)
  } catch (error) {
    // Not acknowledged: it may be there or not, but never twice.
    process.stderr.write(`${entry}: ${String(error)}\n`)
  }
}
await store.close()
