/** Ways to log in to a real host: agent, jump hosts, sudo, long paths, sockets without forwarding. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Host } from '../../src/hosts/host.ts'
import { knownHosts } from '../../src/hosts/known-hosts-files.ts'
import { eventually } from '../support/eventually.ts'
import { type Rig, startRig } from '../support/rig/rig.ts'
import { makeKey } from '../support/rig/rig-files.ts'
import { rigObstacle } from '../support/rig/rig-obstacle.ts'
import { onRigHost, rigKeys, rigSshHost } from '../support/rig/rig-ssh.ts'

const obstacle = rigObstacle()
const suite = `logging in over ssh${obstacle === undefined ? '' : ` (skipped: ${obstacle})`}`

describe.skipIf(obstacle !== undefined)(suite, () => {
  let rig: Rig
  beforeAll(async () => {
    rig = await startRig(2)
  })
  afterAll(() => rig?.down())

  it('refuses a login with a key that the host does not know, and says what was offered', async () => {
    const identityFile = join(rig.directory, 'stranger')
    makeKey(identityFile)
    const refused = rigSshHost(rig, rig.host(1), { identityFile }).run(['true'])
    await expect(refused).rejects.toMatchObject({ kind: 'unauthenticated', message: expect.stringContaining(identityFile) })
  })

  it('takes the keys of the agent', async () => {
    const agentSocket = join(rig.directory, 'agent')
    const agent: ChildProcess = spawn('ssh-agent', ['-D', '-a', agentSocket], { stdio: 'ignore' })
    const env = { ...process.env, SSH_AUTH_SOCK: agentSocket }
    await eventually('the agent', async () => addKey(rig.identityFile, env))
    const host = rigSshHost(rig, rig.host(1), { identityFile: undefined, agentSocket })
    expect((await host.run(['id', '-un'])).stdout).toBe('root\n')
    await host.close()
    agent.kill()
  })

  it('passes through a jump host, whose key is verified too', async () => {
    const jump = `root@${rig.host(1).address}`
    const host = rigSshHost(rig, rig.host(2), { jump })
    expect((await host.run(['uname', '-n'])).stdout).toBe(`${rig.host(2).name}\n`)
    const from = (await host.run(['sh', '-c', 'ss -Htn state established sport = :22'])).stdout
    expect(from).toContain(rig.host(1).address)
    await host.close()
    const own = join(rig.directory, 'known-target')
    writeFileSync(own, `${rig.host(2).knownHostsLine}\n`)
    const blind = rigSshHost(rig, rig.host(2), { jump, knownHosts: knownHosts({ files: [], own }) })
    await expect(blind.run(['true'])).rejects.toMatchObject({
      kind: 'forbidden',
      message: expect.stringContaining(rig.host(1).address),
    })
  })

  it('follows the ssh configuration to a host that only it knows', async () => {
    const configFile = join(rig.directory, 'config')
    const [first, second] = [rig.host(1), rig.host(2)]
    const text = `Host inner\n HostName ${second.address}\n User root\n IdentityFile ${rig.identityFile}\n ProxyJump gate\n`
    writeFileSync(configFile, `${text}Host gate\n HostName ${first.address}\n User root\n IdentityFile ${rig.identityFile}\n`)
    const host = rigSshHost(rig, second, { address: 'inner', identityFile: undefined, configFile })
    expect((await host.run(['uname', '-n'])).stdout).toBe(`${second.name}\n`)
    await host.close()
  })

  it.skipIf(!hasSudo())('does everything through sudo when told to (needs sudo)', async () => {
    const { host, directory, cleanup } = await onRigHost(rig, 1, { sudo: true })
    expect((await host.run(['sh', '-c', 'echo "$SUDO_USER"'])).stdout).toBe('root\n')
    await expect(host.run(['sleep', '60'], { deadlineMs: 2000 })).rejects.toMatchObject({ kind: 'timeout' })
    await host.writeFile(`${directory}/file`, 'x')
    expect(String(await host.readFile(`${directory}/file`))).toBe('x')
    expect(await heardOn(host, `${directory}/in.sock`)).toBe('hello')
    await cleanup()
  })

  it('listens on a socket whose path is longer than the kernel takes, and leaves nothing', async () => {
    const { host, directory, cleanup } = await onRigHost(rig)
    const deep = `${directory}/${'x'.repeat(150)}`
    await host.mkdir(deep)
    expect(await heardOn(host, `${deep}/in.sock`)).toBe('hello')
    expect(await host.readdir(deep)).toEqual([])
    expect((await host.run(['find', '/tmp', '-maxdepth', '1', '-name', 'nova-*'])).stdout).toBe('')
    await cleanup()
  })

  it.each([10, 150])('connects to a socket whose path is %s characters longer', async (extra) => {
    const { host, directory, cleanup } = await onRigHost(rig)
    const deep = `${directory}/${'x'.repeat(extra)}`
    await host.mkdir(deep)
    const listener = host.run(['sh', '-c', 'cd "$1" && exec socat UNIX-LISTEN:./q.sock EXEC:"echo hello"', 'sh', deep])
    await eventually('the socket', () => host.stat(`${deep}/q.sock`))
    const chunks = await (await host.connect(`${deep}/q.sock`)).toArray()
    expect(Buffer.concat(chunks).toString()).toBe('hello\n')
    await listener
    await cleanup()
  })

  it('streams a file there and back', async () => {
    const { host, directory, cleanup } = await onRigHost(rig)
    const bytes = readFileSync(process.execPath).subarray(0, 3_000_001)
    const digest = await host.writeStream(`${directory}/f`, halves(bytes))
    expect(execFileSync('sha256sum', { input: bytes, encoding: 'utf8' })).toContain(digest)
    expect(Buffer.concat(await (await host.openRead(`${directory}/f`)).toArray()).equals(bytes)).toBe(true)
    await expect(host.openRead(`${directory}/none`)).rejects.toMatchObject({ kind: 'internal' })
    await cleanup()
  })

  it('accepts a new key once and is not asked again', async () => {
    const own = join(rig.directory, 'accepted')
    const accepting = rigSshHost(rig, rig.host(1), { knownHosts: knownHosts({ files: [], own, accept: 'new' }) })
    await accepting.run(['true'])
    await accepting.close()
    expect(readFileSync(own, 'utf8')).toBe(`${rig.host(1).knownHostsLine}\n`)
    const known = rigSshHost(rig, rig.host(1), { knownHosts: rigKeys(rig) })
    await known.run(['true'])
    await known.close()
  })
})

async function* halves(bytes: Buffer): AsyncGenerator<Uint8Array> {
  yield bytes.subarray(0, 1_000_000)
  yield bytes.subarray(1_000_000)
}

function addKey(key: string, env: NodeJS.ProcessEnv): boolean {
  try {
    execFileSync('ssh-add', [key], { env, stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

function hasSudo(): boolean {
  try {
    execFileSync('sudo', ['-n', 'true'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

/** What somebody on the host sends to a socket that we listen on there. */
async function heardOn(host: Host, path: string): Promise<string> {
  const heard: Buffer[] = []
  const stop = await host.listen(path, (connection) => connection.on('data', (bytes: Buffer) => heard.push(bytes)))
  await host.run(['sh', '-c', 'cd "$(dirname "$1")" && echo hello | socat - UNIX-CONNECT:./in.sock', 'sh', path])
  await eventually('the text', async () => heard.length > 0)
  await stop()
  return Buffer.concat(heard).toString().trim()
}
