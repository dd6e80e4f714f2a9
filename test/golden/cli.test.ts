/** Help and errors as text, and the same from the release bundle as from the sources. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ensureBuilt } from '../../scripts/build.mjs'
import { expectGolden } from '../support/golden.ts'
import { aNovaHome, type NovaHome, type Printed } from '../support/nova-binary.ts'

const cases: readonly (readonly [name: string, ...argv: string[]])[] = [
  ['help', 'help'],
  ['help-boot', 'help', 'boot'],
  ['help-server-list', 'server', 'list', '--help'],
  ['help-delete', 'delete', '-h'],
  ['help-topic', 'flavor'],
  ['error-unknown-command', 'boto', 'web-1'],
  ['error-unknown-verb', 'server', 'creat'],
  ['error-unknown-flag', 'boot', 'web-1', '--imag', 'cirros'],
  ['error-missing', 'boot', 'web-1'],
  ['error-enum', 'host', 'add', 'h1', '--driver', 'qemo'],
  ['error-number', 'flavor', 'create', 'f', '--ram', 'much', '--vcpus', '1', '--disk', '1'],
  ['error-limit', 'flavor', 'list', '--limit', '0'],
  ['error-format', 'list', '-f', 'jsn'],
  ['error-column', 'flavor', 'list', '-c', 'nme'],
  ['error-name', 'flavor', 'show', 'm1.tny'],
  ['error-name-json', 'flavor', 'show', 'm1.tny', '--json'],
  ['error-endpoint', 'list', '--endpoint', 'https://cloud.example'],
  ['flavor-list', 'flavor', 'list'],
  ['flavor-list-csv', 'flavor', 'list', '-f', 'csv', '--sort', 'ram:desc'],
]

let home: NovaHome
let sources: Printed[]
beforeAll(async () => {
  await ensureBuilt()
  home = aNovaHome()
  sources = home.sources(cases.map(([, ...argv]) => argv))
})
afterAll(() => home.remove())

const steady = ({ code, out, err }: Printed) =>
  `exit code ${code}\n--- stdout\n${out}--- stderr\n${err}`.replace(/req-[0-9a-f-]{36}/g, 'req-ID')

describe.each(cases.map(([name, ...argv], index) => ({ name, argv, index })))('nova $argv', ({ name, argv, index }) => {
  it('prints what it did before', () => expectGolden(`cli/${name}.txt`, steady(home.nova(...argv))))

  it('prints the same from its sources', () => {
    const fromSources = sources[index]
    expect(fromSources && steady(fromSources)).toBe(steady(home.nova(...argv)))
  })
})
