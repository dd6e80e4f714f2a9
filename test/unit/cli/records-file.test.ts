import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { newHost } from '../../../src/actions/host/new-host.ts'
import { recordsFrom } from '../../../src/cli/records-file.ts'

describe('a YAML file of records', () => {
  let file: string
  beforeAll(() => {
    file = path.join(mkdtempSync(path.join(os.tmpdir(), 'nk-')), 'hosts.yaml')
  })
  afterAll(() => rmSync(path.dirname(file), { recursive: true }))
  const read = (text: string) => {
    writeFileSync(file, text)
    return recordsFrom(file, newHost)
  }

  it('has keys as the flags are written, and defaults for the rest', async () => {
    const [first, second] = await read(
      '# ours\n- name: hv1\n  address: root@10.0.0.1\n  virt-type: qemu\n- {name: hv2, sudo: true}\n',
    )
    expect(first).toMatchObject({ name: 'hv1', address: 'root@10.0.0.1', virtType: 'qemu', driver: 'qemu' })
    expect(second).toMatchObject({ name: 'hv2', sudo: true, address: 'local' })
  })

  it.each([
    ['an unknown key', '- name: hv1\n  adress: x\n', /line 2: unknown key "adress"/],
    ['a key that objects have', '- name: hv1\n- __proto__: x\n', /line 2: unknown key "__proto__"/],
    ['a value of the wrong form', '- name: hv1\n- name: hv2\n  driver: xen\n', /line 2: driver must be one of/],
    ['a list in place of a value', '- name: [a]\n', /line 1: name must be one value/],
    ['no name', '- name: hv1\n\n- address: x\n', /line 3: name is missing/],
    ['no list', 'name: hv1\n', /line 1: it is no list/],
    ['a line that is no record', '- name: hv1\n- hv2\n', /line 2: it is no record/],
    ['what is no YAML', '- name: "hv1\n- x: 1\n', /line \d: /],
  ])('names the line of %s', async (_, text, message) => {
    await expect(read(text)).rejects.toMatchObject({ kind: 'invalid', message })
  })
})
