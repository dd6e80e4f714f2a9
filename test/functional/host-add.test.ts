/** Hosts are added from a file, or by a person who is asked and sees the checks. */
import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { builtCli } from '../support/built-cli.ts'
import { aNovaHome, type NovaHome, onTerminal } from '../support/nova-binary.ts'

describe('nova host add', () => {
  let home: NovaHome
  beforeAll(() => builtCli())
  beforeEach(() => {
    home = aNovaHome()
  })
  afterEach(() => home.remove())
  const file = (text: string) => {
    const name = path.join(home.directory, 'hosts.yaml')
    writeFileSync(name, text)
    return name
  }

  it('adds the hosts of a file, and says the next time that they are unchanged', () => {
    const hosts = file('- {name: fake-1, driver: fake}\n- name: fake-2\n  driver: fake\n  ram-allocation-ratio: 2\n')
    expect(home.nova('host', 'add', '-f', hosts, '-c', 'name', '-c', 'result').out).toMatch(/fake-1 +added\nfake-2 +added/)
    expect(home.nova('host', 'add', '--file', hosts, '-f', 'csv', '-c', 'name', '-c', 'result').out).toBe(
      'NAME,RESULT\nfake-1,unchanged\nfake-2,unchanged\n',
    )
  })

  it('adds none of them when one line is wrong, and names it', () => {
    const hosts = file('- {name: fake-1, driver: fake}\n- name: fake-2\n  driverr: fake\n')
    const { code, err } = home.nova('host', 'add', '--file', hosts)
    expect(code).toBe(2)
    expect(err).toContain('hosts.yaml line 3: unknown key "driverr"')
    expect(home.nova('host', 'list', '-f', 'name').out).toBe('')
  })

  it('asks in a terminal, shows what was checked, and adds it with a yes', async () => {
    const up = '\u001b[A'
    const { code, shown } = await onTerminal(
      home,
      ['host', 'add'],
      [
        [/name of the host/, 'fake-1\r'],
        [/local for this machine/, '\r'],
        [/driver/, `${up}\r`],
        [/hardware virtualisation/, '\r'],
        [/CHECK[\s\S]*clock[\s\S]*add it\?/, 'y\r'],
      ],
    )
    expect(shown).toMatch(/passes its checks|fails/)
    expect(code).toBe(0)
    expect(home.nova('host', 'list', '-f', 'csv', '-c', 'name', '-c', 'driver', '-c', 'address').out).toBe(
      'NAME,DRIVER,ADDRESS\nfake-1,fake,local\n',
    )
  })

  it('adds nothing without a yes', async () => {
    const { code } = await onTerminal(
      home,
      ['host', 'add'],
      [
        [/name of the host/, 'fake-1\r'],
        [/local for this machine/, '\r'],
        [/driver/, '\u001b[A\r'],
        [/hardware virtualisation/, '\r'],
        [/add it\?/, 'n\r'],
      ],
    )
    expect(code).not.toBe(0)
    expect(home.nova('host', 'list', '-f', 'name').out).toBe('')
  })
})
