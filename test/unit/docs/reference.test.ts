/** The generated reference: complete, and true to the declarations. */
import path from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { environment } from '../../../scripts/docs/environment.ts'
import { loadCommands } from '../../../scripts/docs/load-commands.ts'
import type { Page } from '../../../scripts/docs/page.ts'
import { pages } from '../../../scripts/docs/pages.ts'
import { root } from '../../../scripts/docs/source-comments.ts'
import { faultKinds } from '../../../src/core/fault.ts'
import { filters, weighers } from '../../../src/scheduler/catalogue.ts'
import { defaultSettings } from '../../../src/settings.ts'
import { sourceTexts } from '../../support/source-texts.ts'

let made: readonly Page[] = []
beforeAll(async () => {
  made = await pages()
}, 60_000)

const textOf = (file: string) => made.find((page) => page.path === file)?.text ?? ''

describe('reference', () => {
  it('has a heading and a man page entry for every command', async () => {
    for (const { name, noun } of await loadCommands()) {
      expect(textOf(`commands/${noun}.md`)).toContain(`\n## nova ${name}\n`)
      expect(textOf(`man/nova-${noun}.1`)).toContain(`.SS nova ${name.replaceAll('-', '\\-')}\n`)
    }
  })

  it('says of every list of things what each is', () => {
    const named: readonly (readonly [string, readonly string[]])[] = [
      ['filters.md', filters.map(({ name }) => name)],
      ['weighers.md', weighers.map(({ name }) => name)],
      ['exit-codes.md', faultKinds],
      ['settings.md', Object.keys(defaultSettings)],
    ]
    for (const [file, names] of named) for (const name of names) expect(textOf(file)).toContain(`\`${name}\``)
  })

  it('leaves no setting without a meaning', () => {
    const rows = textOf('settings.md').split('\n')
    expect(rows.filter((row) => row.startsWith('| `') && /\|\s*\|$/.test(row))).toEqual([])
  })

  it('names exactly the environment variables that the sources read', () => {
    const read = new Set(
      sourceTexts(path.join(root, 'src'), path.join(root, 'bin')).flatMap(
        (text) => text.match(/\b(NOVA|OS)_[A-Z]+(_[A-Z]+)*\b/g) ?? [],
      ),
    )
    const said = environment.flatMap(([names]) => names).filter((name) => /^(NOVA|OS)_/.test(name))
    expect(said.sort()).toEqual([...read].sort())
  })

  it('is the same whenever it is made', async () => expect(await pages()).toEqual(made))
})
