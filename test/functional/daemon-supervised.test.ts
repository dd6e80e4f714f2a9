/** A daemon under a supervisor: what it tells systemd's socket, and a certificate that is renewed while clients are connected. */
import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { connect, type TLSSocket } from 'node:tls'
import { expect, it, onTestFinished } from 'vitest'
import { aDaemon, aStateWithHosts, removeState } from '../support/a-daemon.ts'
import { makeCertificates } from '../support/certificates.ts'
import { novaJson } from '../support/cli.ts'
import { eventually } from '../support/eventually.ts'
import { freePort } from '../support/free-port.ts'

async function aState(): Promise<string> {
  const state = await aStateWithHosts('h1')
  onTestFinished(() => removeState(state))
  return state
}

const listen = `use Socket; socket(my $s, AF_UNIX, SOCK_DGRAM, 0) or die; bind($s, sockaddr_un($ARGV[0])) or die;
  $| = 1; while (defined recv($s, my $told, 65536, 0)) { print "$told\\n" }`

/** A datagram socket as systemd listens on, by perl: node has none. */
async function aNotifySocket() {
  const directory = mkdtempSync(path.join(os.tmpdir(), 'nk-'))
  const socket = path.join(directory, 'notify')
  let told = ''
  const receiver = spawn('perl', ['-e', listen, socket], { stdio: ['ignore', 'pipe', 'inherit'] })
  receiver.stdout.on('data', (part: Buffer) => {
    told += String(part)
  })
  onTestFinished(() => {
    receiver.kill()
    rmSync(directory, { recursive: true, force: true })
  })
  await eventually('the socket is there', async () => existsSync(socket))
  return { socket, told: () => told, says: (what: RegExp) => eventually(`${what} is told`, async () => what.test(told)) }
}

it('tells systemd that it is ready, alive, reading its settings again, and ending', { timeout: 180_000 }, async () => {
  const state = await aState()
  const notify = await aNotifySocket()
  const daemon = await aDaemon(state, { NOTIFY_SOCKET: notify.socket, WATCHDOG_USEC: '200000' })
  await notify.says(/^READY=1$/m)
  expect(notify.told()).toContain(`STATUS=serving ${state}`)
  await notify.says(/^WATCHDOG=1$/m)
  daemon.kill('SIGHUP')
  await notify.says(/^RELOADING=1$[\s\S]*^READY=1$/m)
  expect(notify.told()).toMatch(/^MONOTONIC_USEC=\d+$/m)
  expect(notify.told()).not.toContain('STOPPING=1')
  daemon.kill('SIGTERM')
  expect((await daemon.ended).code).toBe(0)
  await notify.says(/^STOPPING=1$/m)
})

it('ends and begins without a supervisor’s socket that nobody listens on', { timeout: 180_000 }, async () => {
  const state = await aState()
  const daemon = await aDaemon(state, { NOTIFY_SOCKET: path.join(state, 'nobody') })
  daemon.kill('SIGTERM')
  expect((await daemon.ended).code).toBe(0)
})

/** One TLS connection that calls as often as it is asked to. */
async function aCaller(port: number, authority: string, token: string) {
  const socket: TLSSocket = connect({ port, host: '127.0.0.1', servername: 'localhost', ca: authority })
  onTestFinished(() => void socket.destroy())
  await new Promise<void>((resolve, reject) => socket.once('secureConnect', () => resolve()).once('error', reject))
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'host.list', params: {} })
  const head = ['POST /rpc HTTP/1.1', 'Host: localhost', `Authorization: Bearer ${token}`, 'Content-Type: application/json']
  const request = `${[...head, `Content-Length: ${body.length}`].join('\r\n')}\r\n\r\n${body}`
  const ask = () =>
    new Promise<string>((resolve, reject) => {
      let text = ''
      const take = (part: Buffer) => {
        text += String(part)
        const [first = '', answer = ''] = text.split('\r\n\r\n')
        if (answer.length < Number(/content-length: (\d+)/i.exec(first)?.[1] ?? Number.NaN)) return
        socket.off('data', take)
        resolve(answer)
      }
      socket.on('data', take)
      socket.once('close', () => reject(new Error('the connection was closed')))
      socket.write(request)
    })
  return { ask, fingerprint: socket.getPeerCertificate().fingerprint256 }
}

it('shows a renewed certificate to new connections and keeps those that are open', { timeout: 180_000 }, async () => {
  const state = await aState()
  makeCertificates(state)
  const port = await freePort()
  const https = { httpsListen: `127.0.0.1:${port}`, httpsCertificate: `${state}/server.pem`, httpsKey: `${state}/server.key` }
  writeFileSync(path.join(state, 'settings.json'), JSON.stringify(https))
  const daemon = await aDaemon(state)
  const { token } = Object(await novaJson(['token', 'create', 'ops', '--role', 'admin'], { state }))
  const authority = () => readFileSync(path.join(state, 'ca.pem'), 'utf8')
  const old = await aCaller(port, authority(), token)
  expect(await old.ask()).toContain('"h1"')

  makeCertificates(state)
  daemon.kill('SIGHUP')
  const fresh = await eventually('a connection sees the new certificate', () =>
    aCaller(port, authority(), token).catch(() => false as const),
  )
  expect(fresh.fingerprint).not.toBe(old.fingerprint)
  expect([await fresh.ask(), await old.ask()]).toEqual([expect.stringContaining('"h1"'), expect.stringContaining('"h1"')])

  writeFileSync(path.join(state, 'server.pem'), 'no certificate')
  daemon.kill('SIGHUP')
  expect((await aCaller(port, authority(), token)).fingerprint).toBe(fresh.fingerprint)
  expect(await old.ask()).toContain('"h1"')
  daemon.kill('SIGTERM')
  await daemon.ended
})
