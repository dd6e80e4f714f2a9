import type { Duplex } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { withQmp } from '../../../../src/drivers/qemu/qmp.ts'
import { duplexPair } from '../../../../src/hosts/duplex-pair.ts'
import { scriptedHost } from '../../../../src/hosts/scripted.ts'
import { systemRandom } from '../../../../src/system/random.ts'
import { realTime } from '../../../support/host-directory.ts'

const greeting = '{"QMP":{"version":{"qemu":{"major":7}},"capabilities":[]}}\n'
type Reply = (command: { execute: string; id: string }) => string

/** A host on whose socket qemu greets and answers as told. */
async function qemuThat(reply: Reply, hello = greeting) {
  const opened: Duplex[] = []
  const connect = () => {
    const { near, far } = duplexPair()
    opened.push(near)
    far.write(hello)
    far.on('data', (line: Buffer) => far.write(reply(JSON.parse(line.toString()))))
    return near
  }
  const host = await scriptedHost({ sockets: new Map([['/qmp', connect]]) })
  return {
    monitor: { host, clock: realTime, random: systemRandom },
    connections: () => opened.filter((near) => !near.destroyed).length,
  }
}

const returns = (id: string, value: unknown = {}) => `${JSON.stringify({ return: value, id })}\n`

describe('withQmp', () => {
  it('gives the answer of the command and closes the connection', async () => {
    const { monitor, connections } = await qemuThat(({ execute, id }) => returns(id, { said: execute }))
    expect(await withQmp(monitor, '/qmp', (qmp) => qmp.execute('query-status'))).toEqual({ said: 'query-status' })
    expect(connections()).toBe(0)
  })

  it('keeps events that come between for who asks later', async () => {
    const { monitor } = await qemuThat(
      ({ id }) => `{"event":"RESUME"}\n{"event":"SHUTDOWN","data":{"guest":true}}\n${returns(id)}`,
    )
    const event = await withQmp(monitor, '/qmp', async (qmp) => {
      await qmp.execute('cont')
      return qmp.event(['SHUTDOWN', 'RESET'], 15_000)
    })
    expect(event.get('data')).toEqual({ guest: true })
  })

  it.each([
    ['CommandNotFound', 'unsupported'],
    ['DeviceNotFound', 'not-found'],
    ['GenericError', 'internal'],
  ])('makes a fault of the error class %s', async (errorClass, kind) => {
    const refusal = (id: string) => `${JSON.stringify({ error: { class: errorClass, desc: 'no such thing' }, id })}\n`
    const { monitor } = await qemuThat(({ execute, id }) => (execute === 'eject' ? refusal(id) : returns(id)))
    await expect(withQmp(monitor, '/qmp', (qmp) => qmp.execute('eject'))).rejects.toMatchObject({
      kind,
      message: 'qemu refuses eject: no such thing',
    })
  })

  it('does not take another peer for qemu', async () => {
    const { monitor, connections } = await qemuThat(({ id }) => returns(id), '{"hello":1}\n')
    await expect(withQmp(monitor, '/qmp', async () => {})).rejects.toMatchObject({ kind: 'internal' })
    expect(connections()).toBe(0)
  })

  it('does not believe an answer to nothing', async () => {
    const { monitor } = await qemuThat(({ execute, id }) => returns(execute === 'stop' ? `${id}7` : id))
    await expect(withQmp(monitor, '/qmp', (qmp) => qmp.execute('stop'))).rejects.toMatchObject({ kind: 'internal' })
  })

  it('passes over what qemu still owed a client that was cut off', async () => {
    const { monitor } = await qemuThat(
      ({ execute, id }) => `${returns('nova-another-2', { said: 'stale' })}${returns(id, { said: execute })}`,
    )
    expect(await withQmp(monitor, '/qmp', (qmp) => qmp.execute('query-status'))).toEqual({ said: 'query-status' })
  })

  it('does not listen for ever to what others were owed', async () => {
    const { monitor } = await qemuThat(({ execute, id }) =>
      execute === 'stop' ? returns('nova-another-2').repeat(200) : returns(id),
    )
    await expect(withQmp(monitor, '/qmp', (qmp) => qmp.execute('stop'))).rejects.toMatchObject({ kind: 'internal' })
  })

  it('names the command that got no answer', async () => {
    const { monitor } = await qemuThat(({ execute, id }) => (execute === 'stop' ? '' : returns(id)))
    await expect(withQmp(monitor, '/qmp', (qmp) => qmp.execute('stop', {}, 10))).rejects.toMatchObject({
      kind: 'timeout',
      message: expect.stringContaining('did not answer stop within 10 ms'),
    })
  })

  it('says that nobody listens', async () => {
    const { monitor } = await qemuThat(() => '')
    await expect(withQmp(monitor, '/other', async () => {})).rejects.toMatchObject({ kind: 'unreachable' })
  })
})
