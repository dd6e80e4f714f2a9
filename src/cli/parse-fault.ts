/** Turns oclif's errors of several lines into one `invalid` fault that names the flag and what is nearby. */
import { Fault } from '../core/fault.ts'
import { nearest } from '../core/nearest.ts'

/** The fault of a flag that does not exist. */
export function unknownFlag(word: string, known: readonly string[], command: string): Fault {
  const name = word.replace(/^--?/, '').replace(/=.*$/s, '')
  const near = [...new Set([...known.filter((flag) => name.length > 1 && flag.startsWith(name)), ...nearest(name, known)])]
  const hint =
    near.length > 0
      ? `did you mean ${near
          .slice(0, 3)
          .map((flag) => `--${flag}`)
          .join(', ')}?`
      : `nova help ${command}`
  return new Fault('invalid', `unknown flag ${word.replace(/=.*$/s, '')}`, { hint })
}

/** The fault behind an error of oclif's parser; other errors come back as they are. */
export function parseFault(error: unknown, known: readonly string[], command: string): unknown {
  if (error instanceof Fault || !(error instanceof Error) || !('oclif' in error)) return error
  const flags = 'flags' in error && Array.isArray(error.flags) ? error.flags : []
  if (flags.length > 0) return unknownFlag(String(flags[0]), known, command)
  return new Fault('invalid', oneLine(error.message), { hint: `nova help ${command}`, cause: error })
}

/** A refused input that does not say how to go on leads to the command's help. */
export function withNextStep(error: unknown, command: string): unknown {
  if (!(error instanceof Fault) || error.kind !== 'invalid' || error.hint !== undefined) return error
  return new Fault(error.kind, error.message, { hint: `nova help ${command}`, details: error.details, cause: error })
}

const oneLine = (message: string) =>
  message
    .replace(/\n?See more help with --help/g, '')
    .replace(/^Flag (--\S+) can only be specified once/, '$1 is given more than once')
    .replace(/^Flag (--\S+) expects/, '$1 needs')
    .replace(/\s*\n\s*/g, ' ')
    .trim()

/** Words such as `--constructor` that name a property of every object: oclif's tables would find them. */
export function inheritedFlag(argv: readonly string[]): string | undefined {
  const end = argv.indexOf('--')
  return argv
    .slice(0, end < 0 ? undefined : end)
    .find((word) => word.startsWith('--') && word.slice(2).replace(/=.*$/s, '').replace(/^no-/, '') in Object.prototype)
}
