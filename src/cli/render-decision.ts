/** The scheduler's answer as text: host by filter, with numbers, then the weights of those that passed and the nearest host. */
import type { Decision, Verdict } from '../scheduler/types.ts'
import { escapeText } from './escape.ts'
import { pad, shorten, textWidth } from './text-width.ts'

export interface DecisionStyle {
  /** Only the refusals, for an error; the weights and the choice as well otherwise. */
  readonly refusalsOnly?: boolean
  /** Columns of the terminal; undefined never cuts. */
  readonly width?: number | undefined
}

/** Lines without a last line end. */
export function renderDecision(decision: Decision, style: DecisionStyle = {}): string {
  const refusals = aligned(decision.verdicts.flatMap(refusalRows))
  const lines = style.refusalsOnly
    ? refusals
    : [headline(decision), ...refusals, ...aligned(decision.verdicts.flatMap((verdict) => weightRows(verdict, decision)))]
  const { nearest } = decision
  const near = nearest ? [`  nearest: ${nearest.host}; to fit there: ${nearest.change}`] : []
  return [...lines, ...near]
    .map(escapeText)
    .map((line) => (style.width === undefined ? line : shorten(line, style.width)))
    .join('\n')
}

function headline({ serverName, needs, chosen }: Decision): string {
  const zone = needs.zone === null ? '' : `; zone ${needs.zone}`
  const needed = `${needs.ram} MB, ${needs.vcpus} vCPU, ${needs.disk} GB${zone}`
  return `${serverName} (${needed}): ${chosen === null ? 'no host can take it' : `placed on ${chosen}`}`
}

const refusalRows = (verdict: Verdict): string[][] =>
  verdict.refusals.map((refusal, index) => [index === 0 ? verdict.host : '', refusal.filter, refusal.reason])

function weightRows(verdict: Verdict, decision: Decision): string[][] {
  if (verdict.total === null) return []
  const terms = verdict.weights.map((w) => `${w.weigher} ${round(w.weighted)} (raw ${round(w.raw)})`)
  const mark = verdict.host === decision.chosen ? 'chosen' : 'passed'
  return [[verdict.host, mark, `weight ${round(verdict.total)}${terms.length > 0 ? ` = ${terms.join(' + ')}` : ''}`]]
}
const round = (value: number) => String(Number(value.toFixed(3)))

function aligned(rows: readonly string[][]): string[] {
  const widths = [0, 1].map((column) => rows.reduce((most, row) => Math.max(most, textWidth(row[column] ?? '')), 0))
  return rows.map((row) => `  ${row.map((text, column) => (column < 2 ? pad(text, widths[column] ?? 0) : text)).join('   ')}`)
}

/** The decisions in a fault's details, whichever way they are packed. */
export function decisionsIn(details: unknown): Decision[] {
  if (isDecision(details)) return [details]
  if (Array.isArray(details)) return details.filter(isDecision)
  if (typeof details !== 'object' || details === null) return []
  const decision: unknown = Reflect.get(details, 'decision')
  const decisions: unknown = Reflect.get(details, 'decisions')
  return isDecision(decision) ? [decision] : Array.isArray(decisions) ? decisions.filter(isDecision) : []
}

const isDecision = (value: unknown): value is Decision =>
  typeof value === 'object' && value !== null && 'verdicts' in value && Array.isArray(value.verdicts) && 'serverName' in value
