/** Parameters as oclif declares them. Values stay text here: `input-of.ts` turns them into what the schema takes. */
import { boolean, custom, string } from '@oclif/core/flags'
import type { Letter, Parameter } from './command-options.ts'
import { hasNegation, isMany } from './parameters.ts'

export type FlagShape = {
  readonly description: string
  readonly char?: Letter
  readonly aliases?: string[]
  readonly hidden?: boolean
}

/** The oclif flag of a parameter. Lists never swallow the words after them (`multipleNonGreedy`). */
export function oclifFlag({ field, options }: Parameter) {
  const shape: FlagShape = {
    description: field.description,
    ...(options.char === undefined ? {} : { char: options.char }),
    ...(options.aliases === undefined ? {} : { aliases: [...options.aliases] }),
    ...(options.hidden === undefined ? {} : { hidden: options.hidden }),
  }
  if (field.kind === 'boolean') return boolean({ ...shape, allowNo: hasNegation(field) })
  return isMany(field) ? manyTexts(shape) : string(shape)
}

/** A text flag that may come several times. */
const many = custom<string>({ multiple: true, multipleNonGreedy: true })
export const manyTexts = (shape: FlagShape) => many(shape)
