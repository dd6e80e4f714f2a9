/** A cold process for the benchmark: DIRECTORY open|parse. Prints the milliseconds of the work alone, TypeScript loading excluded. */
import { readdirSync, readFileSync } from 'node:fs'
import { openJsonStore } from '../../src/state/json/json-store.ts'
import { systemClock } from '../../src/system/clock.ts'
import { systemFs } from '../../src/system/fs.ts'

const [, , directory = '', mode = 'open'] = process.argv
const started = performance.now()
if (mode === 'open') {
  const store = openJsonStore({ directory, fs: systemFs, clock: systemClock, readOnly: true })
  const newest = await store.read((reader) => reader.list('servers', { newestFirst: true, limit: 20 }))
  if (newest.length !== 20) throw new Error(`${newest.length} servers`)
} else {
  const file = readdirSync(directory).find((name) => /^servers\.\d+\.jsonl$/.test(name)) ?? ''
  const lines = readFileSync(`${directory}/${file}`, 'utf8').trimEnd().split('\n')
  const records = lines.map((line): unknown => JSON.parse(line.slice(0, line.lastIndexOf('\t'))))
  if (records.length === 0) throw new Error('no servers')
}
process.stdout.write(`${performance.now() - started}\n`)
