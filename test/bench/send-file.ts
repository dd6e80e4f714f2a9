/**
 * A program of its own, bundled like the release: sends a file to an ssh host once for each line of its input, over one
 * connection, and prints how many milliseconds each took. Parameters: address, identity, known hosts, file, target.
 */
import { createInterface } from 'node:readline'
import { knownHosts } from '../../src/hosts/known-hosts-files.ts'
import { sshHost } from '../../src/hosts/ssh.ts'
import { systemClock } from '../../src/system/clock.ts'

const [address = '', identityFile, own = '', file = '', target = ''] = process.argv.slice(2)
const known = knownHosts({ files: [], own })
const host = sshHost({ name: 'bench', address, identityFile, knownHosts: known, clock: systemClock, agentSocket: '' })
await host.run(['true'])
console.log('ready')
for await (const _ of createInterface({ input: process.stdin })) {
  const began = performance.now()
  await host.upload(file, target)
  console.log(String(performance.now() - began))
}
await host.close()
