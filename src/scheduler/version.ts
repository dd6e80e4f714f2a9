/** Dotted versions and predicates over them, as images use in `hypervisor_version_requires`. */
import { Fault } from '../core/fault.ts'

const comparison = /^(<=|>=|==|!=|<|>)\s*(\d{1,9}(?:\.\d{1,9}){0,7})$/

/** The numbers at the start of a version: `8.2.2 (Debian)` is [8, 2, 2]. */
export function versionParts(version: string): number[] {
  const leading = /\d{1,9}(?:\.\d{1,9}){0,7}/.exec(version.slice(0, 255))?.[0] ?? ''
  return leading === '' ? [] : leading.split('.').map(Number)
}

/** Nova's whole number for a version: major × 1,000,000 + minor × 1,000 + micro. */
export function versionNumber(version: string): number {
  const [major = 0, minor = 0, micro = 0] = versionParts(version)
  return major * 1_000_000 + minor * 1_000 + micro
}

function compareVersions(left: readonly number[], right: readonly number[]): number {
  for (let index = 0; index < Math.max(left.length, right.length); index++) {
    const difference = (left[index] ?? 0) - (right[index] ?? 0)
    if (difference !== 0) return difference
  }
  return 0
}

const holds = new Map<string, (order: number) => boolean>([
  ['<', (order) => order < 0],
  ['<=', (order) => order <= 0],
  ['==', (order) => order === 0],
  ['!=', (order) => order !== 0],
  ['>=', (order) => order >= 0],
  ['>', (order) => order > 0],
])

/** The predicate that `>=6.0, <9` spells, or an `invalid` fault that names the `property`. */
export function versionPredicate(property: string, text: string): (version: string) => boolean {
  const terms = text
    .slice(0, 255)
    .split(',')
    .map((term) => {
      const [, operator = '', wanted = ''] = comparison.exec(term.trim()) ?? []
      const test = holds.get(operator)
      if (!test) {
        throw new Fault('invalid', `${property} '${text.slice(0, 80)}' is not a list of version comparisons`, {
          hint: 'write it like >=6.0,<9',
        })
      }
      return { test, wanted: versionParts(wanted) }
    })
  return (version) => {
    const parts = versionParts(version)
    return terms.every(({ test, wanted }) => test(compareVersions(parts, wanted)))
  }
}
