/** What holds for every kind of record, so that each noun's tests say only what is its own. */
import { describe, expect, it } from 'vitest'
import type { AnyAction } from '../../src/core/action.ts'
import type { TableName, Tables } from '../../src/model/tables.ts'
import { aContext, faultOf, given, mallory, performed, recordsOf, seenBy } from './a-context.ts'

export interface Noun<N extends TableName> {
  readonly table: N
  /** A record called `name` that may be shown and deleted. */
  readonly record: (name: string) => Tables[N]
  readonly show: AnyAction
  /** Its input field that takes the reference. */
  readonly showField: string
  readonly remove: AnyAction
  /** Its input field that takes the references. */
  readonly removeField: string
  /** True when another project's caller must not know that it exists. */
  readonly scoped: boolean
}

const hostile = ['__proto__', 'constructor', 'toString', '-rf', 'a'.repeat(255)]

/** Show and delete of one noun: found by name, told apart, hinted at, gone. */
export function keepsToTheNoun<N extends TableName>(noun: Noun<N>) {
  const world = async (...names: string[]) => {
    const context = aContext()
    await given(context, noun.table, ...names.map(noun.record))
    return context
  }

  describe(`every ${noun.table.replace(/s$/, '')}`, () => {
    it('is shown by its name', async () => {
      const context = await world('first', 'second')
      expect(await performed(noun.show, { [noun.showField]: 'second' }, context)).toMatchObject({ name: 'second' })
    })

    it('is hinted at when its name is mistyped', async () => {
      const fault = await faultOf(noun.show, { [noun.showField]: 'firxt' }, await world('first'))
      expect(fault).toMatchObject({ kind: 'not-found', message: expect.stringContaining('"firxt"'), hint: 'did you mean first?' })
    })

    it.each(hostile)('is not found by a name that no record has: %s', async (name) => {
      expect(await faultOf(noun.show, { [noun.showField]: name }, await world('first'))).toMatchObject({ kind: 'not-found' })
    })

    it('is found by a name that every object inherits', async () => {
      const context = await world('__proto__', 'constructor')
      expect(await performed(noun.show, { [noun.showField]: '__proto__' }, context)).toMatchObject({ name: '__proto__' })
      await performed(noun.remove, { [noun.removeField]: ['constructor'] }, context)
      expect(await names(context)).toEqual(['__proto__'])
    })

    it('is deleted with others, or none of them is', async () => {
      const context = await world('first', 'second', 'third')
      expect(await faultOf(noun.remove, { [noun.removeField]: ['first', 'fourth'] }, context)).toMatchObject({
        kind: 'not-found',
      })
      expect(await names(context)).toEqual(['first', 'second', 'third'])
      await performed(noun.remove, { [noun.removeField]: ['first', 'third', 'first'] }, context)
      expect(await names(context)).toEqual(['second'])
    })

    it('may be gone already when the caller says so', async () => {
      const context = await world('first')
      expect(await performed(noun.remove, { [noun.removeField]: ['first', 'fourth'], ifExists: true }, context)).toHaveLength(1)
    })

    it.each([[''], ['x'.repeat(256)], [42], [null]])('is not deleted by the bad reference %j', async (name) => {
      const context = await world('first')
      expect(await faultOf(noun.remove, { [noun.removeField]: [name] }, context)).toMatchObject({
        kind: 'invalid',
      })
    })

    if (noun.scoped)
      it('looks missing to another project', async () => {
        const other = seenBy(await world('first'), mallory)
        const foreign = await faultOf(noun.show, { [noun.showField]: 'first' }, other)
        const absent = await faultOf(noun.show, { [noun.showField]: 'fnord' }, other)
        expect(foreign.toJSON()).toEqual({ ...absent.toJSON(), message: absent.message.replace('fnord', 'first') })
        expect(await faultOf(noun.remove, { [noun.removeField]: ['first'] }, other)).toMatchObject({ kind: 'not-found' })
      })
    else
      it('is deleted by admins only', async () => {
        const other = seenBy(await world('first'), mallory)
        expect(await faultOf(noun.remove, { [noun.removeField]: ['first'] }, other)).toMatchObject({ kind: 'forbidden' })
      })
  })

  const names = async (context: ReturnType<typeof aContext>) => {
    const records: readonly { name?: string; deleted?: boolean }[] = (await recordsOf(context.store, noun.table)).map(Object)
    return records.filter((record) => !record.deleted).map((record) => record.name)
  }
}
