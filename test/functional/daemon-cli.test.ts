/** The command line behaves the same whether it opens the records itself or a daemon does. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { aDaemon, aStateWithHosts, type Daemon, removeState } from '../support/a-daemon.ts'
import { nova } from '../support/cli.ts'

let withDaemon: string
let without: string
let daemon: Daemon
let file: string

beforeAll(async () => {
  ;[withDaemon, without] = await Promise.all([aStateWithHosts('h1', 'h2'), aStateWithHosts('h1', 'h2')])
  const folder = mkdtempSync(path.join(os.tmpdir(), 'nk-'))
  file = path.join(folder, 'disk.raw')
  writeFileSync(file, Buffer.alloc(1024 ** 2, 3))
  daemon = await aDaemon(withDaemon)
})
afterAll(async () => {
  daemon.kill('SIGTERM')
  await daemon.ended
  for (const state of [withDaemon, without]) removeState(state)
  rmSync(path.dirname(file), { recursive: true, force: true })
})

/** One after another: each line meets what those before it left. */
const lines: readonly string[] = [
  'flavor create tiny --ram 64 --vcpus 1 --disk 0',
  'flavor create tiny --ram 64 --vcpus 1 --disk 0',
  'image create disk --file FILE --disk-format raw -f value -c name -c size -c status',
  'image save disk -',
  'boot web-1 --flavor tiny --image disk -f value -c name -c status',
  'boot web-2 --flavor tiny --max-count 2 -f csv -c name -c status',
  'boot web-3 --flavor tiny --plan',
  'boot web-4 --flavor nothing',
  'boot web-5 --flavor tiny --availability-zone mars',
  'boot web-6 --flavor tiny --min-count 0',
  'list -f value -c name -c status --sort name',
  'list --json --limit 0',
  'stop web-1',
  'start web-1',
  'pause web-1 -q',
  'unpause web-1 -q',
  'lock web-1',
  'delete web-1 --yes',
  'unlock web-1',
  'server rename web-1 web-9',
  'show web-9 -f value -c name -c hostname -c status',
  'show web-8 --json',
  'server set web-9 --metadata a=b',
  'resize web-9 m1.tiny',
  'server confirm web-9',
  'migrate web-9',
  'server revert web-9',
  'console log web-9',
  'keypair create k1 -f value -c name',
  'keypair list -f value -c name',
  'aggregate create a1 --zone z1 -f value -c name',
  'undo --plan',
  'undo -f value -c result -c action',
  'undo -f value -c result -c action',
  'undo -f value -c result -c action',
  'undo req-nobody',
  'keypair list -f value -c name',
  'quota show -f csv',
  'limits show -f csv',
  'usage list -f csv -c project-id',
  'host list -f value -c name -c status --sort name',
  'explain web-5',
  'delete web-9 --yes',
  'operation list -f value -c action',
  'doctor -f value -c code',
]

it.each(lines)('nova %s', { timeout: 120_000 }, async (line) => {
  const words = line.split(' ').map((word) => (word === 'FILE' ? file : word))
  const through = await nova(words, { state: withDaemon })
  const alone = await nova(words, { state: without, env: { NOVA_DAEMON: 'off' } })
  expect(told(through, withDaemon)).toEqual(told(alone, without))
})

/** Without what differs by nature: ids, times, durations, the order of parallel steps. */
function told({ code, stdout, stderr }: { code: number | null; stdout: string; stderr: string }, state: string) {
  const plain = (text: string) =>
    text
      .replaceAll(state, 'STATE')
      // Which of two equal hosts is taken is chance.
      .replace(/\bh[12]\b/g, 'HOST')
      .replace(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f-]{22}/g, 'ID')
      .replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'TIME')
      .replace(/\b\d+(\.\d+)? (min|s)( \d+ s)?( ago)?\b|\bnow\b/g, 'WHEN')
      .split('\n')
      .map((each) => each.trimEnd())
  return { code, stdout: plain(stdout), stderr: plain(stderr).sort() }
}
