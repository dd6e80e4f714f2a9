/** Every option of a qemu command on a line of its own, so that a difference names the guilty device. */
import { describe, expect, it } from 'vitest'
import { bootSpec } from '../../src/drivers/guest-record.ts'
import { qemuArguments } from '../../src/drivers/qemu/arguments.ts'
import { guestPaths } from '../../src/drivers/qemu/guest-paths.ts'
import { expectGolden } from '../support/golden.ts'
import { type GoldenCase, qemuCases } from './qemu-cases.ts'

const commandOf = ({ spec, acceleration, instancesPath = '/srv/nova', rescue = undefined }: GoldenCase) =>
  qemuArguments(bootSpec({ spec, rescue: rescue ?? null }), guestPaths({ instancesPath }, spec.id), acceleration)

/** `-option value` a line. */
const asLines = (argv: readonly string[]) =>
  argv
    .map((word) => (word.startsWith('-') ? `\n${word}` : ` ${word}`))
    .join('')
    .trimStart()

describe('qemu arguments', () => {
  for (const [name, example] of qemuCases) {
    it(`of ${name}`, () => expectGolden(`qemu/${name}.args`, `${asLines(commandOf(example))}\n`))
  }

  it('name a format for everything that is opened', () => {
    for (const example of qemuCases.values()) {
      const argv = commandOf(example)
      const nodes = argv.filter((_, index) => argv[index - 1] === '-blockdev')
      for (const node of nodes) expect(node).toMatch(/^driver=(raw|qcow2),.*file\.driver=file/)
      expect(argv).not.toContain('-drive')
      expect(argv).not.toContain('-hda')
    }
  })
})
