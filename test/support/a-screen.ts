/** A screen that keeps what was printed. */
import type { Screen } from '../../src/cli/screen.ts'

export interface KeptScreen extends Screen {
  readonly printed: { out: string; err: string }
}

/** A pipe by default: no width, nobody to ask, no colour. */
export function aScreen(change: Partial<Screen> = {}): KeptScreen {
  const printed = { out: '', err: '' }
  return {
    printed,
    out: (text) => {
      printed.out += text
    },
    err: (text) => {
      printed.err += text
    },
    outIsTerminal: false,
    errIsTerminal: false,
    interactive: false,
    animates: false,
    width: undefined,
    now: Date.parse('2026-01-01T12:00:00Z'),
    paint: (_style, text) => text,
    paintErr: (_style, text) => text,
    ...change,
  }
}
