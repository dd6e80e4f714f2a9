import { describe, expect, it } from 'vitest'
import { commandFor } from '../../../src/cli/command-for.ts'
import { Fault } from '../../../src/core/fault.ts'
import { runCommandLine } from '../../support/a-command.ts'
import { aThing, createThing, deleteThings, listThings } from '../../support/thing-actions.ts'

const list = commandFor(listThings, { columns: ['name', 'size', 'createdAt'], wide: ['id', 'tags'], sort: 'name' })
const create = commandFor(createThing, { args: ['name'], follow: ({ name }) => `nova thing events ${name}` })
const remove = commandFor(deleteThings, { args: ['things'] })
const two = async () => [aThing({ name: 'two', id: 'id-2' }), aThing({ size: 5 })]
const shown = async (...argv: string[]) => (await runCommandLine(list, argv, { answer: two })).out

describe('lists', () => {
  it('show columns, sorted, times relative', async () => {
    expect(await shown()).toBe('NAME  SIZE  CREATED AT\none    5 B  3 min ago\ntwo   2 KB  3 min ago\n')
  })

  it('come in every format with raw values', async () => {
    expect(JSON.parse(await shown('--json'))).toEqual([aThing({ size: 5 }), aThing({ name: 'two', id: 'id-2' })])
    expect(await shown('-f', 'csv', '--no-header')).toBe('one,5,2026-01-01T11:57:00.000Z\ntwo,2048,2026-01-01T11:57:00.000Z\n')
    expect(await shown('-f', 'name')).toBe('one\ntwo\n')
    expect(await shown('-f', 'value', '-c', 'id', '-c', 'size')).toBe('id-1 5\nid-2 2048\n')
    expect(await shown('-f', 'wide', '--no-header')).toContain('id-1  a=1')
    expect(await shown('-f', 'yaml', '-c', 'name')).toBe('- name: one\n- name: two\n')
  })

  it('choose rows and columns', async () => {
    expect(await shown('--sort', 'size:desc', '-f', 'name')).toBe('two\none\n')
    expect(await shown('--filter', 'name=t*', '-f', 'name')).toBe('two\n')
    expect(await shown('-c', 'help')).toBe('name\nsize\ncreatedAt\nid\ntags\n')
  })

  it('pass --limit to the action, unless rows are chosen here', async () => {
    expect((await runCommandLine(list, ['--limit', '1'], { answer: two })).inputs).toEqual([{ limit: 1 }])
    const filtered = await runCommandLine(list, ['--limit', '1', '--filter', 'size=2048', '-f', 'name'], { answer: two })
    expect(filtered).toMatchObject({ inputs: [{}], out: 'two\n' })
  })

  it('are [] in JSON when empty', async () => expect((await runCommandLine(list, ['--json'])).out).toBe('[]\n'))

  it('look at the past with --at', async () => {
    let at: string | undefined
    const answer = async (_input: unknown, options: { at?: string }) => {
      at = options.at
      return []
    }
    await runCommandLine(list, ['--at', '12'], { answer })
    expect(at).toBe('12')
  })
})

describe('unknown columns', () => {
  it('are refused before anything runs', async () => {
    const ran = await runCommandLine(create, ['one', '-c', 'nme'])
    expect(ran).toMatchObject({ code: 2, inputs: [], err: expect.stringContaining('did you mean name?') })
  })

  it.each([
    ['--sort', 'sise:desc'],
    ['--filter', 'sise=1'],
  ])('are refused in %s of an empty list too', async (...argv) => {
    expect(await runCommandLine(list, argv)).toMatchObject({ code: 2, inputs: [] })
  })
})

describe('failures', () => {
  const answer = () => Promise.reject(new Fault('over-quota', 'project p has 10 of 10 things', { hint: 'nova quota show' }))
  it('are one line, a next step and the code on stderr', async () => {
    const { code, out, err } = await runCommandLine(list, [], { answer })
    expect(code).toBe(5)
    expect(out).toBe('')
    expect(err).toBe('error: project p has 10 of 10 things\ntry:  nova quota show\nexit code 5 (over-quota) · request req-1\n')
  })

  it('are one JSON object on stdout with --json', async () => {
    expect(JSON.parse((await runCommandLine(list, ['--json'], { answer })).out)).toEqual({
      code: 5,
      kind: 'over-quota',
      message: 'project p has 10 of 10 things',
      hint: 'nova quota show',
      requestId: 'req-1',
    })
  })

  it('show a stack with --debug only', async () => {
    const broken = () => Promise.reject(new TypeError('x is not a function'))
    expect((await runCommandLine(list, [], { answer: broken })).err).not.toContain('    at ')
    expect((await runCommandLine(list, ['--debug'], { answer: broken })).err).toContain('    at ')
  })

  it('name a flag where the schema names a field', async () => {
    const tooMuch = () => Promise.reject(new Fault('invalid', 'minRam is 900, the most is 100'))
    expect((await runCommandLine(create, ['one', '--image', 'x'], { answer: tooMuch })).err).toContain(
      'error: --min-ram is 900, the most is 100',
    )
  })
})

describe('--debug', () => {
  it('shows the call without its secrets', async () => {
    const { err } = await runCommandLine(create, ['one', '--image', 'x', '--password', 'hunter2', '--debug'], {
      answer: async () => aThing(),
    })
    expect(err).toContain('req-1 thing.create {"name":"one","image":"x","password":"***"}')
    expect(err).not.toContain('hunter2')
  })
})

describe('--plan', () => {
  it('prints steps with their commands, not the result', async () => {
    const { out } = await runCommandLine(create, ['one', '--image', 'x', '--dry-run'], {
      answer: async (_input, options) => {
        expect(options.plan).toBe(true)
        options.progress({ type: 'step', flow: 'make-thing', step: 'paint', status: 'done', commands: ['paint --red one'] })
        return aThing()
      },
    })
    expect(out).toBe('plan of nova thing verb: 1 steps, nothing was changed\n1. make-thing: paint\n     paint --red one\n')
  })
})

describe('destroying in a pipe', () => {
  it('goes on for things named one by one, and needs --yes otherwise', async () => {
    expect(await runCommandLine(remove, ['a', 'b'])).toMatchObject({ code: 0, inputs: [{ things: ['a', 'b'] }] })
    const all = await runCommandLine(remove, ['--all'])
    expect(all).toMatchObject({ code: 2, inputs: [] })
    expect(all.err).toContain('try:  add --yes')
    expect(await runCommandLine(remove, ['--all', '--yes'])).toMatchObject({ code: 0, inputs: [{ all: true }] })
  })
})

describe('waiting', () => {
  const begin = { type: 'flow', flow: 'create one', steps: ['paint'] } as const
  const forEver = (begun: boolean) => ({
    answer: async (_input: unknown, options: { progress: (event: typeof begin) => void }) => {
      if (begun) options.progress(begin)
      return new Promise(() => undefined)
    },
  })

  it('ends at Ctrl-C with 130; the work goes on elsewhere', async () => {
    const ran = await runCommandLine(create, ['one', '--image', 'x'], {
      ...forEver(true),
      interrupt: (handler) => setTimeout(handler, 5),
    })
    expect(ran).toMatchObject({ code: 130, detached: true })
    expect(ran.err).toBe('stopped waiting; create one goes on. follow it with: nova thing events one\n')
  })

  it('ends at --timeout with 8', async () => {
    const ran = await runCommandLine(create, ['one', '--image', 'x', '--timeout', '0.01'], forEver(true))
    expect(ran).toMatchObject({ code: 8, detached: true })
    expect(ran.err).toContain('create one is not finished after 0.01 s; it goes on\ntry:  nova thing events one')
  })

  it('detaches nothing when nothing was begun', async () => {
    const ran = await runCommandLine(create, ['one', '--image', 'x'], {
      ...forEver(false),
      interrupt: (handler) => setTimeout(handler, 5),
    })
    expect(ran).toMatchObject({ code: 130, detached: false, err: 'interrupted; nothing was changed\n' })
  })

  it('shows one line a step in a pipe and nothing with -q', async () => {
    const stepped = {
      answer: async (_input: unknown, { progress }: { progress: (event: never) => void }) => {
        for (const status of ['running', 'done']) progress({ type: 'step', flow: 'make-thing', step: 'paint', status } as never)
        return aThing()
      },
    }
    expect((await runCommandLine(create, ['one', '--image', 'x'], stepped)).err).toBe('make-thing: paint done\n')
    expect((await runCommandLine(create, ['one', '--image', 'x', '-q'], stepped)).err).toBe('')
  })
})
