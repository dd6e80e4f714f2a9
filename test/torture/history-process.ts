/** A process of two clients that write their history to a file: WORKLOAD PLACE FILE NAME SEED COUNT LINES; it dies behind so many lines. */
import { openSync, writeSync } from 'node:fs'
import { type Line, listClient, registerClient } from './histories/clients.ts'
import { openPlace } from './histories/open-place.ts'

const [, , workload = '', place = '', file = '', name = '', seed = '0', count = '0', life = 'Infinity'] = process.argv

const store = await openPlace(place)
const history = openSync(file, 'a', 0o600)
let told = 0
// Written at once: what a process that dies had asked is known.
const write = (line: Line) => {
  writeSync(history, `${JSON.stringify(line)}\n`)
  told += 1
  // A few milliseconds later: the other client is somewhere in its transaction.
  if (told === Number(life)) setTimeout(() => process.kill(process.pid, 'SIGKILL'), Number(seed) % 5)
}
const client = workload === 'lists' ? listClient : registerClient
const each = (nth: number) => client({ store, name: `${name}${nth}`, seed: Number(seed) + nth, count: Number(count), write })
await Promise.all([each(0), each(1)])
await store.close()
