/** How a failure looks: one line and a next step for people on stderr, one JSON object on stdout for scripts. */
import { asFault, type Fault } from '../core/fault.ts'
import { escapeBlock, escapeText } from './escape.ts'
import { exitCodes, interrupted } from './exit-codes.ts'
import { toJson } from './formats.ts'
import type { Screen } from './screen.ts'

/** Ctrl-C: nothing failed, waiting stopped. */
export class Interrupted extends Error {}

export interface ErrorStyle {
  readonly json: boolean
  readonly debug: boolean
  readonly requestId: string
  /** The exit code of another tool, instead of the one of the fault's kind. */
  readonly code?: (fault: Fault) => number
}

/** Prints the failure and returns the exit code. */
export async function reportError(error: unknown, screen: Screen, style: ErrorStyle): Promise<number> {
  if (error instanceof Interrupted) return reportInterrupt(error, screen, style)
  const fault = asFault(error)
  const code = style.code?.(fault) ?? exitCodes[fault.kind]
  if (style.json) screen.out(`${toJson({ code, ...fault.toJSON(), requestId: style.requestId })}\n`)
  screen.err(`${screen.paintErr('red', 'error:')} ${escapeText(fault.message)}\n`)
  screen.err(await detailsOf(fault, screen))
  if (fault.hint !== undefined) screen.err(`${screen.paintErr('cyan', 'try:')}  ${escapeText(fault.hint)}\n`)
  if (style.debug) screen.err(`${escapeBlock(stacksOf(fault))}\n`)
  else if (fault.kind === 'internal' && fault.hint === undefined)
    screen.err('try:  the same command with --debug, which shows where it happened\n')
  screen.err(`${screen.paintErr('dim', `exit code ${code} (${fault.kind}) · request ${style.requestId}`)}\n`)
  return code
}

function reportInterrupt(error: Interrupted, screen: Screen, style: ErrorStyle): number {
  const { requestId } = style
  if (style.json) screen.out(`${toJson({ code: interrupted, kind: 'interrupted', message: error.message, requestId })}\n`)
  screen.err(`${escapeText(error.message)}\n`)
  return interrupted
}

/** The host by filter matrix of a refused boot; nothing for other faults. */
async function detailsOf(fault: Fault, screen: Screen): Promise<string> {
  const { decisionsIn, renderDecision } = await import('./render-decision.ts')
  const [first] = decisionsIn(fault.details)
  if (!first) return ''
  const text = renderDecision(first, { refusalsOnly: true, width: screen.errIsTerminal ? screen.width : undefined })
  return text === '' ? '' : `${text}\n`
}

function stacksOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const own = error.stack ?? error.message
  return error.cause === undefined ? own : `${own}\ncaused by ${stacksOf(error.cause)}`
}
