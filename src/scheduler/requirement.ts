/**
 * The operators of extra specs, as Nova has them:
 * numbers `=` (at least) `==` `!=` `>=` `<=`; text `s==` `s!=` `s<` `s<=` `s>` `s>=`;
 * `<in>` (part of a text, member of a list), `<all-in>` (all words), `<or> a <or> b`; anything else is bare equality.
 */
import { decimalNumber } from './decimal-number.ts'

/** A fact as operators see it: one text, or the members of a list. */
export type Fact = string | readonly string[]
/** Says whether a host's fact meets one requirement. */
export type Requirement = (fact: Fact) => boolean

const numeric = new Map<string, (fact: number, wanted: number) => boolean>([
  ['=', (fact, wanted) => fact >= wanted],
  ['==', (fact, wanted) => fact === wanted],
  ['!=', (fact, wanted) => fact !== wanted],
  ['>=', (fact, wanted) => fact >= wanted],
  ['<=', (fact, wanted) => fact <= wanted],
])

const textual = new Map<string, (fact: string, wanted: string) => boolean>([
  ['s==', (fact, wanted) => fact === wanted],
  ['s!=', (fact, wanted) => fact !== wanted],
  ['s<', (fact, wanted) => fact < wanted],
  ['s<=', (fact, wanted) => fact <= wanted],
  ['s>', (fact, wanted) => fact > wanted],
  ['s>=', (fact, wanted) => fact >= wanted],
])

const never: Requirement = () => false

/** The requirement that an extra spec's value spells; parse it once a request. */
export function requirementOf(spec: string): Requirement {
  const [operator = '', ...words] = spec.trim().split(/\s+/)
  const wanted = words[0]
  const compareNumbers = numeric.get(operator)
  if (compareNumbers) return wanted === undefined ? never : numbers(compareNumbers, wanted)
  const compareTexts = textual.get(operator)
  if (compareTexts) return wanted === undefined ? never : (fact) => compareTexts(oneText(fact), wanted)
  if (operator === '<in>') return wanted === undefined ? never : (fact) => fact.includes(wanted)
  if (operator === '<all-in>') return words.length === 0 ? never : (fact) => words.every((word) => fact.includes(word))
  if (operator === '<or>') return alternatives(words)
  return (fact) => oneText(fact) === spec
}

const oneText = (fact: Fact) => (typeof fact === 'string' ? fact : fact.join(','))

function numbers(compare: (fact: number, wanted: number) => boolean, text: string): Requirement {
  const wanted = decimalNumber(text)
  if (wanted === undefined) return never
  return (fact) => {
    const value = decimalNumber(oneText(fact))
    return value !== undefined && compare(value, wanted)
  }
}

/** The words at even places are values, those between are the keyword. */
function alternatives(words: readonly string[]): Requirement {
  const values = new Set(words.filter((_, index) => index % 2 === 0))
  return (fact) => (typeof fact === 'string' ? values.has(fact) : fact.some((member) => values.has(member)))
}
