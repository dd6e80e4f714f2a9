/** What the CLI knows of its terminal, and the only two ways to print: `out` for the result, `err` for all else. */
import { now } from './outside.ts'

export type Style = 'bold' | 'dim' | 'red' | 'green' | 'yellow' | 'cyan'
export type ColorChoice = 'auto' | 'always' | 'never'

export interface Screen {
  /** Writes to stdout; the result and nothing else. */
  out(text: string): void
  /** Writes to stderr. */
  err(text: string): void
  readonly outIsTerminal: boolean
  readonly errIsTerminal: boolean
  /** True when a person can be asked: stdin and stderr are terminals and CI is not set. */
  readonly interactive: boolean
  /** True when lines on stderr can be rewritten: someone watches, on a terminal that knows its size. */
  readonly animates: boolean
  /** Columns of the terminal; undefined when stdout is a pipe or file. */
  readonly width: number | undefined
  /** Wall milliseconds. */
  readonly now: number
  /** Colours text for stdout, or returns it as it is. */
  paint(style: Style, text: string): string
  /** Colours text for stderr. */
  paintErr(style: Style, text: string): string
}

type Painter = Screen['paint']
const plain: Painter = (_style, text) => text

/** chalk is loaded only when something will be coloured. */
async function painters(out: boolean, err: boolean): Promise<readonly [Painter, Painter]> {
  if (!out && !err) return [plain, plain]
  const { Chalk } = await import('chalk')
  const chalk = new Chalk({ level: 1 })
  const colored: Painter = (style, text) => chalk[style](text)
  return [out ? colored : plain, err ? colored : plain]
}

/** NO_COLOR and CLICOLOR_FORCE as their conventions say; the flag beats both. */
export function usesColor(choice: ColorChoice, isTerminal: boolean, env: NodeJS.ProcessEnv): boolean {
  if (choice !== 'auto') return choice === 'always'
  if (env.NO_COLOR) return false
  if (env.CLICOLOR_FORCE && env.CLICOLOR_FORCE !== '0') return true
  return isTerminal && env.TERM !== 'dumb' && env.CLICOLOR !== '0'
}

/** The screen of this process. */
export async function openScreen(choice: ColorChoice, env: NodeJS.ProcessEnv = process.env): Promise<Screen> {
  const outIsTerminal = process.stdout.isTTY === true
  const errIsTerminal = process.stderr.isTTY === true
  const interactive = () => errIsTerminal && !env.CI && process.stdin.isTTY === true
  const [paint, paintErr] = await painters(usesColor(choice, outIsTerminal, env), usesColor(choice, errIsTerminal, env))
  return {
    out: (text) => void process.stdout.write(text),
    err: (text) => void process.stderr.write(text),
    outIsTerminal,
    errIsTerminal,
    // Asked only when there is something to ask: opening stdin costs a cold start.
    get interactive() {
      return interactive()
    },
    get animates() {
      // A serial line or a recorder may be a terminal of no columns: everything would wrap at once.
      return interactive() && process.stderr.columns > 0 && env.TERM !== 'dumb'
    },
    width: outIsTerminal ? process.stdout.columns || 80 : undefined,
    get now() {
      return now()
    },
    paint,
    paintErr,
  }
}
