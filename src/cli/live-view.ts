/** A text that is drawn anew in place on the terminal, every few seconds, until the person leaves. */
import { asFault } from '../core/fault.ts'
import { escapeText } from './escape.ts'
import { after } from './outside.ts'
import type { Screen } from './screen.ts'
import { shorten } from './text-width.ts'

/** The terminal as a live view needs it; the process's own streams, or a test's. */
export interface LiveTerminal {
  readonly columns: number
  readonly rows: number
  /** Keys come to `handler` one by one until the returned function is called, which also brings back the terminal's own mode. */
  takeKeys(handler: (key: string) => void): () => void
  /** Calls `handler` with the exit code when the process is told to end; the same for a new size, without one. */
  onSignal(handler: (code: number) => void): () => void
  onResize(handler: () => void): () => void
}

export interface LiveView {
  readonly seconds: number
  /** The text for a terminal of that width. */
  look(screen: Screen): Promise<string>
}

/** The second screen, which leaves what was there before untouched; no cursor. */
const enter = '\u001b[?1049h\u001b[?25l'
const leave = '\u001b[?25h\u001b[?1049l'
const home = '\u001b[H'
const restOfLine = '\u001b[K'
const restOfScreen = '\u001b[J'
const leavingKeys = ['q', 'Q', '\u0003', '\u0004']

/** Shows `view` until q, Ctrl-C or a signal; resolves with the exit code. A look that fails is shown, and taken again. */
export function liveView(view: LiveView, screen: Screen, terminal: LiveTerminal = processTerminal()): Promise<number> {
  let text = ''
  let isOver = false
  let stopWaiting: () => void = () => undefined

  const draw = () => {
    const lines = [...text.split('\n'), '', `every ${view.seconds} s; q leaves`]
    const shown =
      lines.length > terminal.rows
        ? [...lines.slice(0, terminal.rows - 1), `… ${lines.length - terminal.rows + 1} more lines`]
        : lines
    screen.out(`${home}${shown.map((line) => `${line}${restOfLine}`).join('\r\n')}${restOfScreen}`)
  }

  return new Promise((resolve) => {
    const end = (code: number) => {
      if (isOver) return
      isOver = true
      stopWaiting()
      for (const undo of undoing) undo()
      screen.out(leave)
      resolve(code)
    }
    const round = async () => {
      const sized = Object.create(screen, { width: { value: terminal.columns } }) as Screen
      text = await view
        .look(sized)
        .catch((error: unknown) => shorten(escapeText(`error: ${asFault(error).message}`), terminal.columns))
      if (isOver) return
      draw()
      stopWaiting = after(view.seconds * 1000, () => void round())
    }
    screen.out(enter)
    const undoing = [
      terminal.takeKeys((key) => (leavingKeys.includes(key) ? end(0) : undefined)),
      terminal.onSignal(end),
      terminal.onResize(draw),
    ]
    void round()
  })
}

const signals = [
  ['SIGINT', 130],
  ['SIGTERM', 143],
  ['SIGHUP', 129],
] as const

function processTerminal(): LiveTerminal {
  const { stdin, stdout } = process
  return {
    get columns() {
      return stdout.columns || 80
    },
    get rows() {
      return stdout.rows || 24
    },
    takeKeys(handler) {
      const take = (bytes: Buffer) => {
        for (const key of bytes.toString('latin1')) handler(key)
      }
      stdin.setRawMode(true)
      stdin.on('data', take)
      return () => {
        stdin.off('data', take)
        stdin.setRawMode(false)
        stdin.pause()
      }
    },
    onSignal(handler) {
      const handlers = signals.map(([name, code]) => [name, () => handler(code)] as const)
      for (const [name, take] of handlers) process.on(name, take)
      return () => {
        for (const [name, take] of handlers) process.off(name, take)
      }
    },
    onResize(handler) {
      stdout.on('resize', handler)
      return () => stdout.off('resize', handler)
    },
  }
}
